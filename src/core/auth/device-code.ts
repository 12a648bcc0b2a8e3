import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { clientOf, tokenRequest } from './client.ts'
import type { ClientFacts, Session } from './client.ts'
import type { Existing, ImportContext, LoginContext, RefreshContext, Refreshed } from './context.ts'
import { AuthError } from './error.ts'
import type { OAuthMethod } from './method.ts'
import { createProofKey } from './proof.ts'
import { refreshTokens } from './refresh.ts'
import { ask, askFor, errorCodeOf, refusal, secretsOf } from './request.ts'
import type { AuthRequest } from './request.ts'
import { isObject } from '../json/json.ts'
import { sleep } from '../async/waiting.ts'
import { loginOf, readTokens } from './tokens.ts'

export interface DeviceCodeOptions extends ClientFacts {
  label: string
  /** See {@link OAuthMethod.notice}. */
  notice?: string
  /** Where a device code is asked for. */
  deviceUrl: string
  /** Whether PKCE goes with it, as Qwen wants. Default no. */
  proves?: boolean
  /** Where the provider refreshes in a way of its own. */
  refresh?: (context: RefreshContext) => Promise<Refreshed>
  /** See {@link OAuthMethod.identity}. */
  identity?: OAuthMethod['identity']
  existing?: (context: ImportContext) => Promise<Existing[]>
}

/** A device code as the provider gave it: RFC 8628 section 3.2. */
export interface DeviceCode {
  deviceCode: string
  userCode: string
  verificationUrl: string
  completeUrl?: string
  /** Seconds that the code is good for. */
  expiresIn: number
  /** Seconds between two polls. */
  interval: number
}

/** The `grant_type` of a device code: RFC 8628 section 3.4. */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** RFC 8628 section 3.2: what holds where the answer names no interval. */
const DEFAULT_INTERVAL = 5
const DEFAULT_EXPIRY = 15 * 60
/** RFC 8628 section 3.5: what `slow_down` adds, for good. */
const SLOW_DOWN = 5
/** Polls without a word on the login are taken for a passing fault until this many in a row. */
const MAX_SILENT_POLLS = 10
/** The most that polling slows down by itself. */
const MAX_INTERVAL = 60

/** A login with a code that is typed in on another device (RFC 8628). */
export function deviceCode(options: DeviceCodeOptions): OAuthMethod & Required<Pick<OAuthMethod, 'refresh'>> {
  const { complete } = options
  return {
    kind: 'oauth',
    label: options.label,
    ...(options.notice !== undefined && { notice: options.notice }),

    async login(context) {
      const client = clientOf(options, context.config)
      const session: Session = { loginId: randomUUID(), before: undefined }
      const headers = options.headers?.(session)
      const proof = options.proves === true ? createProofKey() : undefined
      const body = await askFor(
        context,
        'a device code',
        tokenRequest(
          context.config.oauth?.device_url ?? options.deviceUrl,
          'form',
          {
            client_id: client.id,
            ...(client.scope !== '' && { scope: client.scope }),
            ...(proof && { code_challenge: proof.challenge, code_challenge_method: 'S256' }),
          },
          headers,
        ),
      )
      const device = readDeviceCode(context, body)
      const poll = tokenRequest(
        client.tokenUrl,
        options.tokenFormat,
        {
          grant_type: DEVICE_GRANT,
          device_code: device.deviceCode,
          client_id: client.id,
          ...(client.secret !== undefined && { client_secret: client.secret }),
          ...(proof && { code_verifier: proof.verifier }),
        },
        headers,
      )
      const answer = readTokens(context, await pollForTokens(context, device, poll))
      return loginOf(answer, await complete?.(context, answer, session))
    },

    refresh:
      options.refresh ?? ((context) => refreshTokens(options, context, (_, session) => options.headers?.(session))),

    ...(options.identity && { identity: options.identity }),
    ...(options.existing && { existing: options.existing }),
  }
}

/**
 * Shows a device code and asks for tokens until the person is done. A network that fails now and then is put up with.
 *
 * @throws {AuthError} `expired_token`, `access_denied`, or whatever else the provider says.
 */
export async function pollForTokens(
  context: LoginContext,
  device: DeviceCode,
  request: AuthRequest,
): Promise<Record<string, unknown>> {
  const expiresAt = Date.now() + device.expiresIn * 1000
  const shown = new AbortController()
  context.ui.showDeviceCode(
    {
      userCode: device.userCode,
      url: device.verificationUrl,
      ...(device.completeUrl !== undefined && { completeUrl: device.completeUrl }),
      expiresAt,
    },
    AbortSignal.any([shown.signal, context.signal]),
  )
  try {
    let interval = device.interval
    let silent = 0
    for (;;) {
      await sleep(interval * 1000, context.signal)
      if (Date.now() >= expiresAt) throw expired(context)
      try {
        const answer = await ask(context, 'the tokens', request)
        const fault = errorCodeOf(answer)
        if (fault === undefined && isObject(answer.body)) return answer.body
        if (fault === 'expired_token') throw expired(context)
        if (fault !== 'authorization_pending' && fault !== 'slow_down') {
          throw refusal(context, 'the login', answer, secretsOf(request))
        }
        silent = 0
        if (fault === 'slow_down') interval += SLOW_DOWN
      } catch (error) {
        if (!(error instanceof AuthError) || !isPassing(error)) throw error
        silent += 1
        if (silent >= MAX_SILENT_POLLS) throw error
        // RFC 8628 section 3.5: a poll that times out must be followed by fewer of them.
        interval = Math.max(interval, Math.min(interval * 2, MAX_INTERVAL))
      }
    }
  } finally {
    shown.abort()
  }
}

/**
 * No answer, and OAuth's own codes for a server that is not well (RFC 6749 section 4.1.2.1), which not all send with a status that
 * says so. `server_error` is that of AWS's InternalServerException (botocore's reference, services/sso-oidc).
 */
const PASSING = ['unreachable', 'server_error', 'temporarily_unavailable']

function isPassing({ code, status = 0 }: AuthError): boolean {
  return status >= 500 || status === 429 || PASSING.includes(code)
}

function expired({ title, provider }: LoginContext): AuthError {
  return new AuthError(`The code for ${title} has expired. Run \`byok login ${provider}\` again.`, {
    code: 'expired_token',
  })
}

const seconds = z.coerce.number().nonnegative()
const deviceSchema = z.object({
  device_code: z.string().min(1),
  user_code: z.string().min(1),
  verification_uri: z.string().optional(),
  /** Google's name of it, from before the RFC. */
  verification_url: z.string().optional(),
  verification_uri_complete: z.string().nullish(),
  expires_in: seconds.nullish(),
  interval: seconds.nullish(),
})

function readDeviceCode({ title }: LoginContext, body: Record<string, unknown>): DeviceCode {
  const { success, data } = deviceSchema.safeParse(body)
  const url = data?.verification_uri ?? data?.verification_url ?? data?.verification_uri_complete
  if (!success || !isWebAddress(url)) {
    throw new AuthError(`${title} sent an answer that is no device code.`, { code: 'bad_answer' })
  }
  const complete = data.verification_uri_complete
  return {
    deviceCode: data.device_code,
    userCode: data.user_code,
    verificationUrl: url,
    ...(isWebAddress(complete) && { completeUrl: complete }),
    expiresIn: data.expires_in || DEFAULT_EXPIRY,
    interval: data.interval ?? DEFAULT_INTERVAL,
  }
}

/** Only these are shown and opened: a browser knows addresses that run programs. */
export function isWebAddress(text: string | null | undefined): text is string {
  return typeof text === 'string' && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
