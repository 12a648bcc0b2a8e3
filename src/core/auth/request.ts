import { ChatError } from '../chat/index.ts'
import { Secret } from '../secrets/secret.ts'
import { bytesOf } from '../upstream/body.ts'
import { scrub } from '../upstream/error.ts'
import type { UpstreamFetch, UpstreamResponse } from '../upstream/fetch.ts'
import { retryAfterOf } from '../upstream/retry-after.ts'
import { orAborted } from '../async/waiting.ts'
import type { AuthContext } from './context.ts'
import { AuthError } from './error.ts'
import { textOf } from './facts.ts'
import { isObject } from '../json/json.ts'

/** An authorization server that says nothing for this long is not going to. */
const PATIENCE_MS = 30_000
const MAX_MESSAGE = 500
/** More than any token or account has to say. */
const MAX_ANSWER = 1024 * 1024

/** What {@link ask} sends. */
export interface AuthRequest {
  url: string
  /** Default `GET`, or `POST` where there is a body. */
  method?: string
  headers?: Record<string, string>
  form?: Record<string, string>
  json?: unknown
  /** What must not show in an error, besides what `form` and `json` are made of. */
  secrets?: string[]
  /** Whether it may be sent again by itself. Default: only without a body. */
  repeatable?: boolean
  /**
   * Statuses that refuse what the request holds for good, whatever the code. Only with JSON: anything else may be the word of a
   * gateway in between.
   */
  finalStatuses?: readonly number[]
}

/** What {@link ask} resolves with. */
export interface AuthAnswer {
  status: number
  headers: Headers
  /** The parsed JSON, or the text where it is none. */
  body: unknown
}

/**
 * Asks an authorization server, or an endpoint that tells of the account, and reads its answer whatever its status.
 *
 * @param what What is asked for, for errors: `the tokens`.
 * @throws {AuthError} where no answer came. Never permanent.
 */
export async function ask(context: AuthContext, what: string, request: AuthRequest): Promise<AuthAnswer> {
  const { url, method, headers = {}, form, json } = request
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const body = form ? new URLSearchParams(form).toString() : json === undefined ? undefined : JSON.stringify(json)
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
  const fetch: UpstreamFetch = (request.repeatable ?? body === undefined) ? context.fetch : context.fetchOnce
  try {
    const response = await orAborted(
      fetch(url, {
        ...(method !== undefined && { method }),
        headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': type }), ...headers },
        ...(body !== undefined && { body }),
      }),
      [patience],
    )
    const said = await orAborted(readBody(response, context.title), [patience])
    return { status: response.status, headers: response.headers, body: said }
  } catch (error) {
    context.signal.throwIfAborted()
    const reason = error instanceof ChatError ? error.message : 'it did not answer in time or broke off'
    throw new AuthError(`${context.title} could not be asked for ${what}: ${reason}`, {
      code: 'unreachable',
      cause: error,
    })
  }
}

/** As {@link ask}, for an answer that must be a success. */
export async function askFor(
  context: AuthContext,
  what: string,
  request: AuthRequest,
): Promise<Record<string, unknown>> {
  const answer = await ask(context, what, request)
  const fault = errorCodeOf(answer)
  if (fault !== undefined || !isObject(answer.body)) {
    throw refusal(context, what, answer, secretsOf(request), request.finalStatuses)
  }
  return answer.body
}

/** The code of an answer that is an error; GitHub and others send those with status 200. */
export function errorCodeOf({ status, body }: AuthAnswer): string | undefined {
  const stated = isObject(body) ? statedFault(body) : undefined
  if (stated !== undefined) return stated
  return status >= 200 && status <= 299 ? undefined : `http_${status}`
}

/** What an error answer stands for, in the server's own words. */
export function refusal(
  context: AuthContext,
  what: string,
  answer: AuthAnswer,
  secrets: string[] = [],
  finalStatuses: readonly number[] = [],
): AuthError {
  const code = errorCodeOf(answer) ?? 'bad_answer'
  const said = wordsOf(answer.body)
  const hidden = secrets.map((value) => new Secret(value))
  const text =
    code === 'bad_answer'
      ? 'it sent an answer that byok cannot read'
      : [said, said?.includes(code) || code.startsWith('http_') ? undefined : `(${code})`].filter(Boolean).join(' ') ||
        `status ${answer.status}`
  return new AuthError(`${context.title} refused ${what}: ${scrub(text, hidden).slice(0, MAX_MESSAGE)}`, {
    code,
    permanent: PERMANENT.has(code) || (isObject(answer.body) && finalStatuses.includes(answer.status)),
    status: answer.status,
    retryAfter: retryAfterOf(answer.headers),
  })
}

/**
 * Codes after which the same refresh token will never work: RFC 6749 section 5.2; OpenAI's own (openai/codex
 * codex-rs/login/src/auth/manager.rs `classify_refresh_token_failure`); AWS SSO OIDC's exceptions
 * (https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html); those of OpenID Connect that want the person
 * (Core 1.0 section 3.1.2.6), which Microsoft answers a refresh with too
 * (https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes).
 */
const PERMANENT = new Set([
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'access_denied',
  'expired_token',
  'refresh_token_expired',
  'refresh_token_reused',
  'refresh_token_invalidated',
  'interaction_required',
  'login_required',
  'consent_required',
])

/** `error` as OAuth has it, OpenAI's `{error: {code}}`, or the name of an AWS exception. */
function statedFault(body: Record<string, unknown>): string | undefined {
  const { error } = body
  if (isObject(error)) return textOf(error['code']) ?? textOf(error['type']) ?? textOf(error['status']) ?? 'error'
  return textOf(error) ?? awsFault(textOf(body['__type']))
}

/** `com.amazonaws.ssooidc#ExpiredTokenException` as `expired_token`. */
function awsFault(type: string | undefined): string | undefined {
  const name = type
    ?.split('#')
    .at(-1)
    ?.replace(/Exception$/, '')
  return name?.replaceAll(/(?!^)([A-Z])/g, '_$1').toLowerCase()
}

function wordsOf(body: unknown): string | undefined {
  if (!isObject(body)) return undefined
  const { error, error_details: details } = body
  return (
    textOf(body['error_description']) ??
    (isObject(error) ? textOf(error['message']) : undefined) ??
    (isObject(details) ? textOf(details['message']) : undefined) ??
    textOf(body['message']) ??
    textOf(body['detail'])
  )
}

/** The values of a request that are secret: all but short or well-known ones. */
export function secretsOf({ form, json, secrets = [], headers = {} }: AuthRequest): string[] {
  const sent = { ...form, ...(isObject(json) ? json : {}) }
  const named = Object.entries(sent).filter(([name]) => /token|code|secret|verifier/i.test(name))
  const values = named.map(([, value]) => value).filter((value) => typeof value === 'string')
  const bearer = headers['authorization']?.split(' ').at(-1)
  return [...secrets, ...values, ...(bearer === undefined ? [] : [bearer])]
}

async function readBody(response: UpstreamResponse, title: string): Promise<unknown> {
  const text = new TextDecoder().decode(await bytesOf(response, MAX_ANSWER, title))
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
