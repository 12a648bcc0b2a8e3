import { ChatError, errorTypeOfStatus } from '../../chat/index.ts'
import type { ChatErrorType } from '../../chat/index.ts'
import type { UpstreamResponse } from '../../upstream/fetch.ts'
import { errorOfTranslator } from '../../translator/of-translator.ts'
import { waitIn } from '../../upstream/retry-after.ts'
import type { Translator, UpstreamErrorInfo } from '../../translator/translator.ts'
import { compact, isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'

const TYPES: readonly string[] = [
  'invalid_request_error',
  'authentication_error',
  'permission_error',
  'not_found_error',
  'rate_limit_error',
  'insufficient_quota',
  'server_error',
  'overloaded_error',
  'timeout_error',
] satisfies ChatErrorType[]

const LONGEST_MESSAGE = 1000

/**
 * Reads an error body: OpenAI's `{ error: { message, type, param, code } }`, and the forms of servers that follow it:
 * `error` as text, no `error` around the fields (vLLM), a list of such objects (Google), `detail` (FastAPI), and the vendor's
 * own answer quoted under `metadata.raw` (OpenRouter). What the headers say, core reads.
 */
export function readError(body: unknown): UpstreamErrorInfo | undefined {
  const info = readBody(body)
  return Object.keys(info).length > 0 ? info : undefined
}

function readBody(body: unknown): UpstreamErrorInfo {
  const value: unknown = Array.isArray(body) ? body[0] : body
  if (typeof value === 'string') return readText(value)
  if (!isObject(value)) return {}
  const { error } = value
  const id = text(value['request_id'])
  const outer: UpstreamErrorInfo = id === undefined ? {} : { upstreamRequestId: id }
  if (typeof error === 'string')
    return { ...readFields({ ...value, message: text(value['message']) ?? error }), ...outer }
  return { ...readFields(isObject(error) ? error : value), ...outer }
}

function readText(value: string): UpstreamErrorInfo {
  const words = value.trim()
  // A page of HTML is a proxy's, and helps nobody.
  return words === '' || words.startsWith('<') ? {} : { message: shorten(words) }
}

/** What LM Studio says of any path that it does not have, with status 200: lmstudio-ai/lmstudio-bug-tracker issue 618. */
const UNEXPECTED_PATH = /^Unexpected endpoint or method\. \([A-Z]+ \/.*\)$/

function readFields(error: JsonObject): UpstreamErrorInfo {
  const { type, param, code, status } = error
  const message = messageOf(error)
  if (message !== undefined && UNEXPECTED_PATH.test(message)) {
    const hint = "Check the provider's `base_url`, which ends in /v1 for most servers."
    return { message: `${shorten(message)}. ${hint}`, type: 'not_found_error', status: 404 }
  }
  return compact({
    message: message === undefined ? undefined : shorten(message),
    type: quotaType(code) ?? (typeof type === 'string' && TYPES.includes(type) ? (type as ChatErrorType) : undefined),
    param: text(param),
    code: codeOf(code, type, message),
    status: code === HARD_LIMIT ? 429 : (httpStatus(code) ?? httpStatus(status)),
  })
}

/**
 * Words of servers that have no code, or one of their own, for a prompt that does not fit: vLLM, DeepSeek, OpenRouter and Mistral ("maximum
 * context length"), xAI ("maximum prompt length"), llama.cpp (pull request 15780), SGLang, Zhipu, LM Studio ("greater than"), MiniMax
 * ("exceeds limit"), Bedrock ("requested model"), Ollama ("exceeded max"), and those of vendors' own APIs behind a server of this format.
 *
 * Sources: the list that @anthropic-ai/claude-code 2.1.331 has of them; anomalyco/opencode packages/opencode/src/provider/error.ts,
 * `OVERFLOW_PATTERNS`; earendil-works/pi packages/ai/src/utils/overflow.ts.
 */
const TOO_LONG = new RegExp(
  [
    'maximum (?:context|prompt) length',
    'exceeds the (?:context window|available context size|maximum allowed input length)',
    "longer than the (?:model's context length|maximum model length)",
    'greater than the context length',
    'context window exceeds limit',
    'exceeded (?:max )?context length',
    'input length.*exceeds.*context length',
    'prompt exceeds max length',
    'but model only supports up to',
    'reduce the length of the messages',
    'prompt is too long',
    'input is too long for requested model',
    'input token count.*exceeds the maximum',
    'exceeded model token limit',
    'range of input length should be',
  ].join('|'),
  'i',
)

function codeOf(code: unknown, type: unknown, message: string | undefined): string | undefined {
  if (message !== undefined && TOO_LONG.test(message)) return 'context_length_exceeded'
  return text(code) ?? (typeof type === 'string' && !TYPES.includes(type) ? text(type) : undefined)
}

function messageOf(error: JsonObject): string | undefined {
  const { detail, errors, metadata } = error
  const own =
    text(error['message']) ?? text(error['msg']) ?? text(error['error_message']) ?? text(detail) ?? detailText(detail)
  if (own !== undefined) {
    const quoted = isObject(metadata) ? quotedMessage(metadata['raw']) : undefined
    return quoted !== undefined && !own.includes(quoted) ? `${own}: ${quoted}` : own
  }
  return Array.isArray(errors) ? detailText(errors) : undefined
}

/** FastAPI's list of `{ loc, msg }`. */
function detailText(detail: unknown): string | undefined {
  if (!Array.isArray(detail)) return undefined
  const lines = detail.flatMap((item: unknown) => {
    if (!isObject(item)) return []
    const words = text(item['msg']) ?? text(item['message'])
    if (words === undefined) return []
    return Array.isArray(item['loc']) ? [`${item['loc'].join('.')}: ${words}`] : [words]
  })
  return lines.length > 0 ? lines.join('; ') : undefined
}

function quotedMessage(raw: unknown): string | undefined {
  if (typeof raw !== 'string') return isObject(raw) ? readBody(raw).message : undefined
  try {
    return readBody(JSON.parse(raw)).message
  } catch {
    return readText(raw).message
  }
}

/** A limit of money, which OpenAI calls a bad request: dfinke/PowerShellAI issue 127, Decryptu/DecryptGPT issue 1. */
const HARD_LIMIT = 'billing_hard_limit_reached'

function quotaType(code: unknown): ChatErrorType | undefined {
  return code === 'insufficient_quota' || code === HARD_LIMIT ? 'insufficient_quota' : undefined
}

function httpStatus(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined
}

function shorten(words: string): string {
  return words.length > LONGEST_MESSAGE ? `${words.slice(0, LONGEST_MESSAGE)}…` : words
}

/**
 * The statuses of errors that come without one, in the middle of a stream: those of OpenAI's error codes.
 *
 * @see https://platform.openai.com/docs/guides/error-codes
 * @see openai/codex codex-rs/codex-api/src/sse/responses.rs and its pull requests 9400 and 31439, for prompts that are refused
 *   (`invalid_prompt`, `cyber_policy`, `bio_policy`); router-for-me/CLIProxyAPI
 *   internal/runtime/executor/codex_executor_terminal.go `codexTerminalFailureStatus`
 * @see openai-node src/resources/responses/responses.ts `ResponseError`, for images that cannot be taken
 */
const STATUS_OF_CODE: Record<string, number> = {
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  insufficient_quota: 429,
  invalid_api_key: 401,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  model_not_found: 404,
  invalid_request_error: 400,
  context_length_exceeded: 400,
  content_filter: 400,
  invalid_prompt: 400,
  cyber_policy: 400,
  bio_policy: 400,
  invalid_image: 400,
  invalid_image_format: 400,
  invalid_base64_image: 400,
  invalid_image_url: 400,
  image_too_large: 400,
  image_too_small: 400,
  image_parse_error: 400,
  image_content_policy_violation: 400,
  invalid_image_mode: 400,
  image_file_too_large: 400,
  unsupported_image_media_type: 400,
  empty_image_file: 400,
  failed_to_download_image: 400,
  image_file_not_found: 400,
  overloaded_error: 503,
  server_is_overloaded: 503,
  slow_down: 503,
  timeout_error: 504,
}

/** An error the provider reported in the middle of its answer. */
export function errorInAnswer(body: unknown, read: (body: unknown) => UpstreamErrorInfo | undefined): ChatError {
  const info = read(body) ?? {}
  const { message, ...rest } = info
  const known = info.status ?? STATUS_OF_CODE[info.code ?? ''] ?? STATUS_OF_CODE[info.type ?? '']
  const status = known ?? 502
  return new ChatError(message ?? 'The provider reported an error within its answer. Try again.', {
    ...rest,
    status,
    retryAfter: info.retryAfter ?? (status === 429 ? waitIn(message) : undefined),
    type: info.type ?? (known === undefined ? 'server_error' : errorTypeOfStatus(status)),
    upstreamStatus: known,
  })
}

/**
 * Refuses an answer in one piece that is an error, though its server calls it a success, as LM Studio does of a path that it does not have.
 *
 * @param provider its name in config
 * @throws {ChatError} as {@link errorInAnswer}
 */
export function refuseErrorInPlace(
  value: unknown,
  {
    translator,
    response,
    provider,
  }: { translator: Translator; response: UpstreamResponse; provider: string | undefined },
): void {
  if (!isObject(value) || !value['error']) return
  const { status, headers } = response
  throw errorInAnswer(value, (body) => errorOfTranslator(translator, [body, status, headers], provider))
}
