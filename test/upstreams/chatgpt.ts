import { startFakeProvider } from '../../src/testing/fake-server.ts'
import type { FakeProvider, RecordedRequest, Reply } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { badRequest, failureOf, vendorHeaders } from './openai-chat.ts'
import type { VendorError } from './openai-chat.ts'
import { checkResponsesRequest } from './openai-responses-check.ts'
import { answerImages } from './openai-images.ts'
import { answerResponses } from './openai-responses-render.ts'
import { listOf } from './openai-responses-wire.ts'
import type { Json } from './openai-responses-wire.ts'

export interface ChatGptFakeOptions {
  /** The one access token that is good. Default: `at-test`. */
  token?: string
  /** Which access tokens are good, where that is not one. */
  knows?(token: string | undefined): boolean
  /** The one account it belongs to. Default: `acct-test`. */
  accountId?: string
  /** Unix milliseconds. Default: the present, for when a used-up plan begins anew. */
  now?(): number
}

/** The models a login can use; the sources are those of src/plugins/codex/models.ts. */
const MODELS = [
  'gpt-6.2-astra',
  'gpt-6.2-sol',
  'gpt-6.1-terra',
  'gpt-6.1-sol',
  'gpt-6-sol',
  'gpt-6-luna',
  'gpt-6-astra',
  'gpt-5.6-sol',
  'gpt-5.6-terra',
  'gpt-5.6-luna',
  'codex-auto-review',
]

/**
 * What ChatGPT's backend takes: what Codex sends (openai/codex codex-rs/codex-api/src/common.rs `ResponsesApiRequest`).
 */
const FIELDS = new Set([
  'model',
  'instructions',
  'input',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'store',
  'stream',
  'include',
  'service_tier',
  'prompt_cache_key',
  'text',
  'client_metadata',
])

/**
 * ChatGPT's Codex backend: `POST /backend-api/codex/responses` and the images beside it. Its `url` ends in `/backend-api/codex`.
 *
 * Refusals in `detail` as reported: openai/codex issues 3202 and 26173 (instructions, store), leookun/cursor-byok issue 14
 * (stream), AprilNEA/BYOKEY pull request 69 (unsupported parameters), CLIProxyAPI
 * codex_openai-responses_request_test.go (system messages, cache breakpoints), pingdotgg/t3code issue 829 (models). What it says to
 * tools in preview has been quoted widely: "Unsupported tool type: web_search_preview".
 */
export async function startChatGpt(options: ChatGptFakeOptions = {}): Promise<FakeProvider> {
  const { now = Date.now } = options
  const issued = new Set<string>()
  return await startFakeProvider(async (request, reply, next) => {
    const path = request.path.replace(/^\/backend-api\/codex\//, '')
    if (!['responses', 'images/generations', 'images/edits'].includes(path) || request.method !== 'POST') {
      return reply.json(404, { detail: 'Not Found' })
    }
    const fault = checkAccess(request, options)
    if (fault) return sendError(reply, fault)
    if (await answerImages(request, reply, next, '/backend-api/codex')) return
    const detail = checkBody(request.json as Json | undefined)
    if (detail !== undefined) return reply.json(400, { detail }, vendorHeaders())
    const { client_metadata: _, ...known } = request.json as Json
    const marked = /"prompt_cache_breakpoint":/.test(JSON.stringify(known['input']))
    if (marked) return sendError(reply, refusal('prompt_cache_breakpoint is not supported on this model'))
    const bad = checkReasons(known) ?? checkResponsesRequest({ ...request, json: known }, issued)
    if (bad) return sendError(reply, bad)
    await answerResponses(request.json as Json, reply, next(), {
      issued,
      failure: (failure, model) => chatGptFailure(failure, model, now()),
      sendFailure: sendError,
      headers: { 'x-codex-primary-used-percent': '12' },
      repeatOutput: false,
    })
  }, '/backend-api/codex')
}

function checkAccess(request: RecordedRequest, options: ChatGptFakeOptions): VendorError | undefined {
  const { token = 'at-test', accountId = 'acct-test' } = options
  const { authorization, 'chatgpt-account-id': account, originator } = request.headers
  const sent = authorization?.replace(/^Bearer /, '')
  if (!(options.knows?.(sent) ?? sent === token)) return failureOf({ kind: 'invalid_key' }, '')
  // A token is good for its own account only. Codex always says who it is and for which account.
  if (account !== accountId || originator === undefined) return failureOf({ kind: 'forbidden' }, '')
  return undefined
}

/** No model of GPT-6 takes `none` here, whatever it takes with a key; the sources are those of src/plugins/codex/models.ts. */
function checkReasons({ model, reasoning }: Json): VendorError | undefined {
  if (!/^gpt-6/.test(model) || !['none', 'minimal'].includes(reasoning?.effort)) return undefined
  const message = `Unsupported value: '${reasoning.effort}' is not supported with the '${model}' model.`
  return badRequest(message, 'reasoning.effort', 'unsupported_value')
}

function checkBody(body: Json | undefined): string | undefined {
  if (typeof body !== 'object') return 'Invalid JSON body'
  const model: unknown = body['model']
  if (typeof model === 'string' && !MODELS.includes(model)) {
    return `The '${model}' model is not supported when using Codex with a ChatGPT account.`
  }
  if (body['store'] !== false) return 'Store must be set to false'
  if (body['stream'] !== true) return 'Stream must be set to true'
  if (typeof body['instructions'] !== 'string') return 'Instructions are required'
  const stray = Object.keys(body).find((name) => !FIELDS.has(name))
  if (stray !== undefined) return `Unsupported parameter: ${stray}`
  if (body['service_tier'] !== undefined && !['priority', 'ultrafast'].includes(body['service_tier'])) {
    return `Unsupported service_tier: ${body['service_tier']}`
  }
  const { tools, tool_choice: choice } = body
  const preview = [...listOf(tools), ...listOf(choice?.tools), choice].find((tool) => /_preview/.test(tool?.type))
  if (preview) return `Unsupported tool type: ${preview.type}`
  if (!Array.isArray(body['input'])) return 'Input must be a list'
  const system = body['input'].some((item: Json) => item['role'] === 'system')
  return system ? 'System messages are not allowed' : undefined
}

function refusal(message: string): VendorError {
  return failureOf({ kind: 'invalid_request', message }, '')
}

/** OpenAI's errors, but for a plan that is used up (openai/codex codex-rs/codex-api/src/api_bridge.rs). */
function chatGptFailure(failure: ScriptFailure, model: string, now: number): VendorError {
  const known = failureOf(failure, model)
  if (failure.kind !== 'quota' && failure.kind !== 'rate_limit') return known
  const seconds = failure.retryAfter ?? 8899
  return {
    status: 429,
    error: {
      type: 'usage_limit_reached',
      message: failure.message ?? 'The usage limit has been reached',
      plan_type: 'plus',
      resets_at: Math.floor(now / 1000) + seconds,
      eligible_promo: null,
      resets_in_seconds: seconds,
    } as unknown as VendorError['error'],
    headers: { 'x-codex-primary-used-percent': '100' },
  }
}

function sendError(reply: Reply, { status, error, headers }: VendorError): void {
  reply.json(status, { error }, { ...vendorHeaders(), ...headers })
}
