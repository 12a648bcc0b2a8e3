import type { FakeProvider, RecordedRequest } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { checkRequest } from './anthropic-check.ts'
import { answerMessages } from './anthropic-render.ts'
import type { WireObject } from './openai-chat.ts'
import { answerResponses, checkResponsesRequest, NOTES } from './openai-responses.ts'
import { retryAfter, sendAnswer, startChatVendor } from './openai-vendor.ts'
import type { ChatVendor, VendorAnswer } from './openai-vendor.ts'

export interface CopilotFakeOptions {
  /** The one Copilot token that is good. Default: `tid=fake;exp=1`. */
  token?: string
}

/** The models of the fake's list, with the paths they take. */
const PATHS: Record<string, string[] | undefined> = {
  'gpt-4.1': undefined,
  'gpt-5-mini': ['/chat/completions', '/responses'],
  'gpt-5.3-codex': ['/responses'],
  'gpt-5.4': ['/chat/completions', '/responses'],
  'gpt-5.5': ['/responses'],
  'gpt-6-astra': ['/chat/completions', '/responses'],
  'gpt-6.1-sol': ['/chat/completions'],
  'claude-sonnet-4.6': ['/v1/messages', '/chat/completions'],
}

/**
 * Copilot's API: the editor's headers, the vision flag, `/models`, and a model's own paths.
 *
 * Sources: those of src/plugins/copilot; error lines as their issues quote them.
 */
export async function startCopilot({ token = 'tid=fake;exp=1' }: CopilotFakeOptions = {}): Promise<FakeProvider> {
  const issued = new Set<string>()
  const signatures = new Map<string, string>()
  const vendor: ChatVendor = {
    path: '',
    dialect: { lenient: true, fields: ['thinking_budget'], usage: 'own-chunk' },
    authorize: (request) => authorize(request, token),
    check: (body, request) => checkVision(body, request) ?? checkPath(body, '/chat/completions') ?? checkStop(body),
    invalid: (message) => ({ status: 400, body: { error: { message, code: 'invalid_request_body' } } }),
    failure: failureOf,
    headers: () => ({ 'x-request-id': '00000000-fake', 'x-github-request-id': 'FAKE:1' }),
    async handle(request, reply, next) {
      const { method, path, headers } = request
      if (method === 'GET' && path === '/models') {
        reply.json(200, listFor(String(headers['x-github-api-version'])), vendor.headers())
        return true
      }
      if (method !== 'POST' || (path !== '/responses' && path !== '/v1/messages')) return false
      const body = request.json as WireObject
      const wrong =
        path === '/responses'
          ? (checkNotes(body) ?? checkHosted(body) ?? checkResponsesRequest(request, issued)?.error.message)
          : (checkEffort(body) ?? checkRequest(asAnthropic(request, body), signatures)?.message ?? checkExtra(body))
      const bad =
        (path === '/v1/messages' ? checkBetas(request) : checkItemIds(body)) ??
        checkVision(body, request) ??
        checkPath(body, path) ??
        (wrong === undefined ? undefined : vendor.invalid(wrong))
      const answer = bad ? undefined : next()
      const failure = answer && 'failure' in answer ? failureOf(answer.failure, body.model) : bad
      if (failure) sendAnswer(reply, vendor, failure)
      else if (answer && path === '/responses') await answerResponses(body, reply, answer, { issued, itemId })
      else if (answer) await answerMessages(body, reply, answer, signatures)
      return true
    },
  }
  return await startChatVendor(vendor)
}

let ids = 0

/** Of some 400 letters, and another in each event: the sources of src/plugins/copilot/item-ids.ts. */
const itemId = () => Buffer.from(`${++ids} ${'x'.repeat(300)}`).toString('base64')

/** Every request is of another connection here. */
function checkItemIds({ input }: WireObject): VendorAnswer | undefined {
  if (!Array.isArray(input) || !(input as WireObject[]).some(({ id }) => id !== undefined)) return undefined
  const message = 'input item ID does not belong to this connection'
  return { status: 401, body: { error: { message, code: '' } } }
}

/** Unlike OpenAI, it knows nothing of Codex' notes: caozhiyuan/copilot-api issue 308. */
function checkNotes({ input }: WireObject): string | undefined {
  const at = Array.isArray(input) ? (input as WireObject[]).findIndex((item) => NOTES in item) : -1
  return at === -1 ? undefined : `Unknown parameter: 'input[${at}].${NOTES}'.`
}

/** Sources: those of src/plugins/copilot/responses.ts. */
function checkHosted({ input, tools = [], store }: WireObject): string | undefined {
  if (store === true) return 'store is not supported'
  // caozhiyuan/copilot-api issue 362.
  if (JSON.stringify(input ?? '').includes('"detail":"original"')) {
    return "validating vision content in responses input: validating responses image content: image detail has to be either 'low' or 'high'"
  }
  const hosted = (tools as WireObject[]).find((tool) => UNSERVED.includes(String(tool['type'])))
  if (hosted) return `The requested tool ${hosted['type']} is not supported.`
  return (tools as WireObject[]).some((tool) => tool['type'] === 'namespace' && tool['name'] === 'image_gen')
    ? "Invalid Value: 'tools.namespace'. User-defined namespace 'image_gen' collides with an existing tool namespace."
    : undefined
}

const UNSERVED = ['image_generation', 'mcp', 'computer', 'file_search', 'code_interpreter']

function authorize({ headers, path }: RecordedRequest, token: string): VendorAnswer | undefined {
  if (headers.authorization === undefined) return line(401, 'unauthorized: no authorization header')
  if (headers.authorization !== `Bearer ${token}`) return failureOf({ kind: 'invalid_key' }, '')
  if (!/^\S+\/\S+$/.test(String(headers['editor-version'] ?? ''))) {
    return line(400, 'bad request: missing Editor-Version header for IDE auth')
  }
  if (headers['copilot-integration-id'] !== 'vscode-chat') return line(403, 'unknown Copilot-Integration-Id')
  const asks = path !== '/models'
  if (asks && !['user', 'agent'].includes(String(headers['x-initiator']))) return line(400, 'bad request: X-Initiator')
  return undefined
}

/** Copilot's names of Claude have dots where Anthropic's, by which it tells what a model takes, have dashes. */
function asAnthropic(request: RecordedRequest, body: WireObject): RecordedRequest {
  return { ...request, json: { ...body, model: String(body.model).replaceAll('.', '-') } }
}

function checkVision(body: WireObject, { headers }: RecordedRequest): VendorAnswer | undefined {
  const images = /"type":"(image_url|input_image|image)"/.test(JSON.stringify(body))
  return images && headers['copilot-vision-request'] !== 'true'
    ? line(400, 'missing required Copilot-Vision-Request header for vision requests')
    : undefined
}

/** farion1231/cc-switch pull request 5404, which does not quote the refusal. */
function checkStop({ stop }: WireObject): VendorAnswer | undefined {
  if (stop === undefined) return undefined
  return { status: 400, body: { error: { message: "'stop' is not supported", code: 'invalid_request_body' } } }
}

const BETAS = ['interleaved-thinking-2025-05-14', 'context-management-2025-06-27', 'advanced-tool-use-2025-11-20']

/** Which of Anthropic's betas it serves: the sources of src/plugins/copilot/betas.ts. */
function checkBetas({ headers }: RecordedRequest): VendorAnswer | undefined {
  const asked = String(headers['anthropic-beta'] ?? '')
  const unknown = asked.split(',').filter((beta) => beta !== '' && !BETAS.includes(beta.trim()))
  if (unknown.length === 0) return undefined
  const message = `unsupported beta header(s): ${unknown.join(',')}`
  return { status: 400, body: { error: { message, code: 'invalid_request_body' } } }
}

/** microsoft/vscode issue 310940; what this model takes: github/copilot-cli issue 3823. */
function checkEffort({ model, output_config: { effort } = {} }: WireObject): string | undefined {
  if (effort !== 'xhigh') return undefined
  return `output_config.effort "${effort}" is not supported by model ${model}; supported values: [low medium high max]`
}

/** What Anthropic takes with betas that Copilot does not serve. */
function checkExtra(body: WireObject): string | undefined {
  // ericc-ch/copilot-api issue 174.
  if (JSON.stringify(body['system'] ?? '').includes('x-anthropic-billing-header')) {
    return 'x-anthropic-billing-header is a reserved keyword and may not be used in the system prompt.'
  }
  const tools = (body['tools'] ?? []) as WireObject[]
  const eager = tools.findIndex((tool) => 'eager_input_streaming' in tool)
  if (eager !== -1) return `tools.${eager}.custom.eager_input_streaming: Extra inputs are not permitted`
  return /"cache_control":\{[^}]*"scope"/.test(JSON.stringify(body))
    ? 'system.0.cache_control.ephemeral.scope: Extra inputs are not permitted'
    : undefined
}

function checkPath({ model }: WireObject, path: string): VendorAnswer | undefined {
  if (!(model in PATHS)) return failureOf({ kind: 'not_found' }, model)
  if ((PATHS[model] ?? ['/chat/completions']).includes(path)) return undefined
  const message = `model "${model}" is not accessible via the ${path} endpoint`
  return { status: 400, body: { error: { message, code: 'unsupported_api_for_model' } } }
}

const modelOf = (id: string, endpoints?: string[]): WireObject => ({
  id,
  name: id,
  object: 'model',
  vendor: 'fake',
  version: id,
  preview: false,
  model_picker_enabled: true,
  policy: { state: 'enabled', terms: '' },
  ...(endpoints && { supported_endpoints: endpoints }),
  capabilities: {
    family: id,
    object: 'model_capabilities',
    tokenizer: 'o200k_base',
    type: 'chat',
    limits: { max_context_window_tokens: 128_000, max_prompt_tokens: 64_000, max_output_tokens: 16_384 },
    supports: {
      streaming: true,
      tool_calls: true,
      vision: true,
      ...(endpoints && { reasoning_effort: ['low', 'high'] }),
    },
  },
})

/** The version of the API since which the list tells of longer prompts, and what they cost. */
const TIERS_SINCE = '2026-06-01'

/** Prices of input per million, of plain prompts and long ones: one dearer, one the same. */
const TIERS: Record<string, [number, number] | undefined> = { 'gpt-6-astra': [1000, 2000], 'gpt-5.4': [250, 250] }

/** A model with what it has for long prompts; before there were tiers the list told of the first alone. */
function withTiers(model: WireObject, version: string): WireObject {
  const prices = TIERS[String(model['id'])]
  if (!prices) return model
  const tiered = version >= TIERS_SINCE
  const limits = tiered
    ? { max_context_window_tokens: 1_050_000, max_prompt_tokens: 922_000, max_output_tokens: 128_000 }
    : { max_context_window_tokens: 400_000, max_prompt_tokens: 272_000, max_output_tokens: 128_000 }
  const [plain, long] = prices.map((price) => ({
    input_price: price,
    output_price: price * 5,
    cache_price: price / 10,
  }))
  const billing = {
    is_premium: true,
    token_prices: {
      batch_size: 1_000_000,
      default: { ...plain, ...(tiered && { context_max: 272_000 }) },
      ...(tiered && { long_context: { ...long, context_max: 922_000 } }),
    },
  }
  return { ...model, billing, capabilities: { ...(model['capabilities'] as WireObject), limits } }
}

function listFor(version: string): WireObject {
  const models = Object.entries(PATHS).map(([id, endpoints]) => withTiers(modelOf(id, endpoints), version))
  return { object: 'list', data: models.concat(OTHERS) }
}

/** What does not chat, what the person's policy switches off, and what is no model at all. */
const OTHERS: WireObject[] = [
  { ...modelOf('text-embedding-3-small'), capabilities: { type: 'embeddings', family: 'text-embedding-3-small' } },
  { ...modelOf('grok-off'), policy: { state: 'disabled' } },
  { name: 'no id' },
]

function failureOf(failure: ScriptFailure, model: string): VendorAnswer {
  const { kind, message } = failure
  const error = (status: number, words: string, code: string, extra: WireObject = {}): VendorAnswer => ({
    status,
    body: { error: { message: message ?? words, code, ...extra } },
    headers: retryAfter(failure),
  })
  switch (kind) {
    case 'invalid_request':
      return error(400, 'invalid request body', 'invalid_request_body')
    case 'invalid_key':
      return line(401, message ?? 'unauthorized: token expired')
    case 'forbidden':
      return line(403, message ?? 'access to this endpoint is forbidden')
    case 'not_found':
      return error(400, 'The requested model is not supported.', 'model_not_supported', {
        param: 'model',
        type: 'invalid_request_error',
      })
    case 'too_large':
      return line(413, message ?? 'failed to parse request')
    case 'context_length':
      return error(
        400,
        `prompt token count of 130021 exceeds the limit of 128000 for ${model}`,
        'model_max_prompt_tokens_exceeded',
      )
    case 'rate_limit':
      return error(
        429,
        "Sorry, you've exceeded your rate limits. Please review our Terms of Service.",
        'user_global_rate_limited:pro',
      )
    case 'quota':
      return error(402, 'You have exceeded your monthly quota', 'quota_exceeded')
    case 'server_error':
      return line(500, message ?? 'Internal Server Error')
    case 'overloaded':
      return line(503, message ?? 'upstream connect error or disconnect/reset before headers')
  }
}

function line(status: number, text: string): VendorAnswer {
  return { status, body: `${text}\n` }
}
