import type { FakeProvider } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { moonshotFault } from './moonshot-schema.ts'
import { OPENAI_ALONE } from './openai-chat-check.ts'
import type { WireObject } from './openai-chat.ts'
import { messagesOf, retryAfter, startChatVendor } from './openai-vendor.ts'
import type { VendorAnswer } from './openai-vendor.ts'

export interface KimiFakeOptions {
  /** The one key or token that is good. Default: `sk-kimi-test`. */
  key?: string
  /** Whether `key` is a login's token, which needs the headers of a device. Default: no. */
  login?: boolean
}

/**
 * Thinking cannot be switched off (CLIProxyAPI, internal/registry/models/models.json, `zero_allowed: false`), but of what
 * `kimi-for-coding` is now (anomalyco/models.dev pull request 7036, with its levels).
 */
const ALWAYS_THINKS = /^(?:(?:kimi-)?k3|kimi-for-coding-)/
const KNOWS_MAX = /^(?:(?:kimi-)?k3|kimi-for-coding$)/

/**
 * Kimi's coding endpoint, `…/coding/v1`.
 *
 * Error bodies, types and messages: https://platform.kimi.ai/docs/api/errors, and those users report of the coding plan
 * (`access_terminated_error`). Checks: "reasoning_content is missing in assistant tool call message", "tool_choice 'specified' is
 * incompatible with thinking enabled", and those of sampling and of empty texts, whose sources are in src/plugins/kimi/sampling.ts and
 * empty-texts.ts.
 */
export async function startKimi({ key = 'sk-kimi-test', login = false }: KimiFakeOptions = {}): Promise<FakeProvider> {
  return await startChatVendor({
    path: '/coding/v1',
    dialect: {
      fields: ['thinking', 'prompt_cache_key', 'safety_identifier'],
      lacks: OPENAI_ALONE,
      ownSchemas: true,
      messageFields: ['reasoning_content', 'partial'],
      toolTypes: ['builtin_function'],
      userParts: ['video_url'],
      scheme: 'ms',
      reasoning: 'reasoning_content',
      usage: 'choice',
    },
    authorize({ headers }) {
      if (headers.authorization !== `Bearer ${key}`) return failureOf({ kind: 'invalid_key' })
      const device = ['x-msh-platform', 'x-msh-version', 'x-msh-device-id'].every((name) => headers[name])
      return login && !device ? failureOf({ kind: 'forbidden' }) : undefined
    },
    check,
    invalid: (message) => invalid(message),
    failure: failureOf,
    list: {
      object: 'list',
      data: [
        {
          id: 'kimi-for-coding',
          object: 'model',
          created: 1_780_396_800,
          context_length: 1_048_576,
          supports_reasoning: true,
          supports_image_in: true,
        },
        { id: 'kimi-next', object: 'model', created: 1_790_000_000, context_length: 524_288, supports_reasoning: true },
      ],
    },
    headers: () => ({ 'x-msh-request-id': 'msh-fake-1' }),
  })
}

function check(body: WireObject): VendorAnswer | undefined {
  const { thinking, tool_choice: choice, reasoning_effort: effort } = body
  const messages = messagesOf(body)
  const model = String(body.model)
  const tools = (body.tools ?? []) as WireObject[]
  if (thinking !== undefined && !/^(en|dis)abled$/.test(String(thinking.type))) return invalid('invalid thinking.type')
  if (thinking?.effort !== undefined && !['low', 'high', 'max'].includes(thinking.effort)) {
    return invalid(`invalid thinking effort: ${thinking.effort}`)
  }
  if (thinking?.effort === 'max' && !KNOWS_MAX.test(model)) return invalid('thinking effort max is not supported')
  if (thinking?.type === 'disabled' && ALWAYS_THINKS.test(model)) return invalid('thinking cannot be disabled')
  // https://platform.kimi.ai/docs/guide/use-reasoning-effort.
  if (effort !== undefined && !['low', 'high', 'max'].includes(effort)) return invalid('invalid reasoning_effort')
  if (tools.some((tool) => tool.type === 'custom')) return invalid('only functions are supported')
  const [own, functions] = [tools.filter(isOwn), tools.filter((tool) => !isOwn(tool))]
  if (own.some((tool) => !String(tool.function?.name).startsWith('$'))) return invalid('unknown builtin function')
  if (own.length > 0 && thinking?.type !== 'disabled' && !/^moonshot-v1/.test(model)) {
    return invalid('builtin function is incompatible with thinking enabled')
  }
  // https://platform.kimi.ai/docs/api/tool-use, in the words of MoonshotAI/kimi-cli issue 1773.
  if (functions.some((tool) => !/^[a-zA-Z_][a-zA-Z0-9-_]{2,63}$/.test(tool.function?.name))) {
    return invalid(
      'function name is invalid, must start with a letter and can contain letters, numbers, underscores, and dashes',
    )
  }
  // As api.moonshot.cn says it (14790897/MiqroForge-Desktop issue 1165).
  if (functions.some(({ function: { parameters } }) => parameters && parameters.type !== 'object')) {
    return invalid('tools.function.parameters.type is required and must be "object"')
  }
  for (const schema of [...tools.map((tool) => tool.function?.parameters), body.response_format?.json_schema?.schema]) {
    const fault = moonshotFault(schema ?? {})
    if (fault !== undefined) return invalid(`Invalid request: ${fault}`)
  }
  if (messages.some(({ role }) => role === 'developer')) return invalid("invalid role: 'developer'")
  const empty = emptyIn(messages)
  if (empty !== undefined) return invalid(empty)
  const changed = changedSampling(body)
  if (changed !== undefined) return invalid(changed)
  if (choice?.type === 'allowed_tools') return invalid('invalid tool_choice.type')
  if (thinking?.type === 'disabled' || /^(?:moonshot-v1|(?:kimi-)?k2(?:-\d|-turbo|$))/.test(model)) return undefined
  if (typeof choice === 'object') return invalid("tool_choice 'specified' is incompatible with thinking enabled")
  const silent = messages.findIndex((message) => Boolean(message.tool_calls) && !message.reasoning_content)
  return silent === -1
    ? undefined
    : invalid(`thinking is enabled but reasoning_content is missing in assistant tool call message at index ${silent}`)
}

/** Kimi's own tools: https://platform.kimi.ai/docs/guide/use-web-search, which wants thinking switched off for them. */
function isOwn(tool: WireObject): boolean {
  return tool.type === 'builtin_function'
}

/** "`content` must not be empty": https://platform.kimi.ai/docs/api/chat. Calls and reasoning may stand without any. */
function emptyIn(messages: WireObject[]): string | undefined {
  const blank = (text: unknown) => typeof text !== 'string' || text.trim() === ''
  for (const [position, { role, content, tool_calls: calls, reasoning_content: reasoning }] of messages.entries()) {
    const parts = Array.isArray(content) ? (content as WireObject[]) : []
    if (parts.some(({ type, text }) => type === 'text' && blank(text))) return 'text content is empty'
    if (parts.length === 0 && blank(content) && !calls && blank(reasoning)) {
      return `the message at position ${position} with role '${role}' must not be empty`
    }
  }
  return undefined
}

/** Without thinking the temperature is 0.6: https://platform.kimi.ai/docs/guide/migrating-from-openai-to-kimi. */
function changedSampling({ model, thinking, ...body }: WireObject): string | undefined {
  if (/^(?:moonshot-v1|(?:kimi-)?k2(?:-|$))/.test(String(model))) return undefined
  const temperature = thinking?.type === 'disabled' ? 0.6 : 1
  const fixed = { temperature, top_p: 0.95, n: 1, presence_penalty: 0, frequency_penalty: 0 }
  for (const [name, only] of Object.entries(fixed)) {
    if (body[name] !== undefined && body[name] !== only)
      return `invalid ${name}: only ${only} is allowed for this model`
  }
  return undefined
}

const ERRORS: Record<ScriptFailure['kind'], [status: number, type: string, message: string]> = {
  invalid_request: [400, 'invalid_request_error', 'Invalid request: messages must not be empty'],
  invalid_key: [401, 'invalid_authentication_error', 'Invalid Authentication'],
  forbidden: [
    403,
    'access_terminated_error',
    'Kimi For Coding is currently only available for Coding Agents such as Kimi CLI, Claude Code, Roo Code, Kilo Code, etc.',
  ],
  not_found: [404, 'resource_not_found_error', 'Not found the model or Permission denied'],
  too_large: [413, 'invalid_request_error', 'Request body too large'],
  context_length: [400, 'invalid_request_error', 'Invalid request: Input token length too long'],
  rate_limit: [
    429,
    'rate_limit_reached_error',
    'Your account reached max request concurrency: 3, please try again later',
  ],
  quota: [403, 'access_terminated_error', "You've reached your usage limit for this billing cycle."],
  server_error: [500, 'server_error', 'Internal server error'],
  overloaded: [429, 'engine_overloaded_error', 'The engine is currently overloaded, please try again later'],
}

function failureOf(failure: ScriptFailure): VendorAnswer {
  const [status, type, message] = ERRORS[failure.kind]
  return {
    status,
    body: { error: { message: failure.message ?? message, type } },
    headers: retryAfter(failure),
  }
}

function invalid(message: string): VendorAnswer {
  return failureOf({ kind: 'invalid_request', message })
}
