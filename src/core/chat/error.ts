import { isOwn, ofAnyCopy } from '../plugin/any-copy.ts'
import { isObject } from '../json/json.ts'
import { cleanName } from '../text/clean-name.ts'
import { withoutSecrets } from '../secrets/known-secrets.ts'

/**
 * What kind of fault it is: the words of OpenAI's `error.type`, from which each protocol derives its own.
 *
 * @see https://platform.openai.com/docs/guides/error-codes
 */
export type ChatErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'rate_limit_error'
  | 'insufficient_quota'
  | 'server_error'
  | 'overloaded_error'
  | 'timeout_error'

export interface ChatErrorOptions {
  /** The HTTP status the client gets, 400 to 599. Any other is no error's, such as that of a redirect: the client gets 500 then. */
  status: number
  type?: ChatErrorType
  /** A word a program can test, such as `model_not_found`. */
  code?: string | null
  /** The request field at fault, such as `messages[0].content`. */
  param?: string | null
  /** Who failed, where it was a provider: its name in config. byok sets it on what a provider's part of a request throws. */
  provider?: string
  /** The provider's own id of the request. */
  upstreamRequestId?: string
  /** The status the provider answered with, where it answered. */
  upstreamStatus?: number
  /** Seconds to wait before another try. */
  retryAfter?: number
  /** Whether another model than the one that was asked for was to do the work. Then the account does not rest for the asked one. */
  ofAnotherModel?: boolean
  /** What else a program may read of it, for protocols that have a place for that (Anthropic's `error.details`). JSON. */
  details?: Record<string, unknown>
  cause?: unknown
}

const TYPE_OF_STATUS: Record<number, ChatErrorType> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'invalid_request_error',
  422: 'invalid_request_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** The error type that goes with a status where the provider names none. */
export function errorTypeOfStatus(status: number): ChatErrorType {
  return TYPE_OF_STATUS[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error')
}

/**
 * The one error that reaches a client. Its message must not quote a token, a key (those that byok holds are taken out) or a
 * prompt, and should say what to do next.
 */
export class ChatError extends Error {
  override readonly name = 'ChatError'
  readonly status: number
  readonly type: ChatErrorType
  readonly code: string | null
  readonly param: string | null
  provider: string | undefined
  readonly upstreamRequestId: string | undefined
  readonly upstreamStatus: number | undefined
  readonly retryAfter: number | undefined
  readonly ofAnotherModel: boolean
  readonly details: Record<string, unknown> | undefined

  static {
    ofAnyCopy(this, 'ChatError')
  }

  constructor(message: string, options: ChatErrorOptions) {
    super(withoutSecrets(message), { cause: options.cause })
    this.status = isErrorStatus(options.status) ? options.status : 500
    this.type = options.type ?? errorTypeOfStatus(this.status)
    this.code = clean(options.code)
    this.param = clean(options.param)
    this.provider = options.provider
    this.upstreamRequestId = clean(options.upstreamRequestId) ?? undefined
    this.upstreamStatus = options.upstreamStatus
    this.retryAfter = options.retryAfter
    this.ofAnotherModel = options.ofAnotherModel ?? false
    this.details = options.details && withoutSecretsIn(options.details)
  }
}

/** An error as this copy of byok makes it: another one knows nothing of the secrets that this one takes out of its words. */
export function ownChatError(error: ChatError): ChatError {
  return isOwn(ChatError, error) ? error : new ChatError(error.message, error)
}

/** Plugins pass on what they were answered with; a client would take 200 for a success, and some numbers no answer can bear. */
function isErrorStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 400 && status <= 599
}

/** A provider chooses these words too, and may quote what it was sent. */
function clean(word: string | null | undefined): string | null {
  return typeof word === 'string' ? cleanName(word) : null
}

function withoutSecretsIn(details: Record<string, unknown>): Record<string, unknown> | undefined {
  const clean: unknown = JSON.parse(withoutSecrets(JSON.stringify(details)))
  return isObject(clean) ? clean : undefined
}

/** A 400 for a field that is missing or wrong. */
export function invalidRequest(message: string, param?: string): ChatError {
  return new ChatError(message, { status: 400, type: 'invalid_request_error', param: param ?? null })
}

/**
 * A 400 for what the client may say but this provider cannot do. Names the feature, so that nothing is lost silently.
 *
 * @param details What clients of a protocol know it by.
 */
export function unsupported(
  provider: string,
  feature: string,
  param?: string,
  details?: Record<string, unknown>,
): ChatError {
  return new ChatError(`${provider} does not support ${feature}. Leave it out, or pick a model of another provider.`, {
    status: 400,
    type: 'invalid_request_error',
    code: 'unsupported_feature',
    param: param ?? null,
    provider,
    ...(details && { details }),
  })
}
