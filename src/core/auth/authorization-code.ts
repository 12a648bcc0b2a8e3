import { randomUUID } from 'node:crypto'
import { listenForCallback } from './callback.ts'
import type { Callback } from './callback.ts'
import { basicAuthorization, clientOf, tokenRequest } from './client.ts'
import type { Client, ClientFacts, Session } from './client.ts'
import type { Existing, ImportContext, Login, LoginContext, LoginUi } from './context.ts'
import { AuthError } from './error.ts'
import type { OAuthMethod } from './method.ts'
import { createProofKey, randomText } from './proof.ts'
import type { ProofKey } from './proof.ts'
import { pastedProblem, readPasted } from './redirect.ts'
import { refreshTokens } from './refresh.ts'
import { askFor } from './request.ts'
import { loginOf, readTokens } from './tokens.ts'

export interface AuthorizationCodeOptions extends ClientFacts {
  label: string
  /** See {@link OAuthMethod.notice}. */
  notice?: string
  authUrl: string
  /**
   * Where the browser is sent back to, `http://localhost:<port><path>`: what the vendor's own client has registered. `otherPort` is another
   * that is, for where the first is taken.
   */
  redirect: { port: number; otherPort?: number; path: string }
  /** More parameters of the authorization URL, over the usual ones. */
  authParameters?: (redirectUri: string) => Record<string, string>
  /** Whether the token request repeats `state`. Default no. */
  tokenState?: boolean
  /** See {@link OAuthMethod.identity}. */
  identity?: OAuthMethod['identity']
  existing?: (context: ImportContext) => Promise<Existing[]>
}

/** A person has this long to sign in. */
const PATIENCE_MS = 5 * 60_000

/** A login in the browser with PKCE (RFC 7636, S256), for a client that can keep no secret. */
export function pkce(options: AuthorizationCodeOptions): OAuthMethod {
  return codeMethod(options, { proves: true, basic: false })
}

/** A login in the browser without PKCE; the client names itself by HTTP Basic with its secret (RFC 6749 section 2.3.1). */
export function authCode(options: AuthorizationCodeOptions): OAuthMethod {
  return codeMethod(options, { proves: false, basic: true })
}

interface Style {
  proves: boolean
  basic: boolean
}

function codeMethod(options: AuthorizationCodeOptions, style: Style): OAuthMethod {
  const { complete } = options
  const headersOf = (client: Client, session: Session) => ({
    ...options.headers?.(session),
    ...(style.basic && { authorization: basicAuthorization(client) }),
  })
  return {
    kind: 'oauth',
    label: options.label,
    ...(options.notice !== undefined && { notice: options.notice }),

    async login(context): Promise<Login> {
      const client = clientOf(options, context.config)
      const session: Session = { loginId: randomUUID(), before: undefined }
      const proof = style.proves ? createProofKey() : undefined
      const state = randomText()
      const { port, otherPort } = options.redirect
      const named = context.config.oauth?.callback_port
      const callback = await listenForCallback({
        port: named ?? port,
        otherPort: named === undefined ? otherPort : undefined,
        path: options.redirect.path,
        state,
        title: context.title,
        portKey: `providers.${context.provider}.oauth.callback_port`,
        onStray: (error) => {
          const said = error === undefined ? '' : ` It said: ${error}.`
          context.ui.note(`A sign-in that does not belong to this login came back and was turned away.${said}`)
        },
      })
      const redirectUri = `http://localhost:${callback.port}${options.redirect.path}`
      try {
        context.ui.openUrl(authorizationUrl(options, context, client, { redirectUri, state, proof }))
        const code = await codeFrom(context, callback, state)
        const body = await askFor(
          context,
          'the tokens',
          tokenRequest(
            client.tokenUrl,
            options.tokenFormat,
            {
              grant_type: 'authorization_code',
              code,
              redirect_uri: redirectUri,
              client_id: client.id,
              ...(client.secret !== undefined && { client_secret: client.secret }),
              ...(proof && { code_verifier: proof.verifier }),
              ...(options.tokenState === true && { state }),
            },
            headersOf(client, session),
          ),
        )
        const answer = readTokens(context, body)
        const login = loginOf(answer, await complete?.(context, answer, session))
        await callback.finish()
        return login
      } catch (error) {
        await callback.finish(asAuthError(error))
        throw error
      }
    },

    refresh: (context) => refreshTokens(options, context, headersOf),

    ...(options.identity && { identity: options.identity }),
    ...(options.existing && { existing: options.existing }),
  }
}

function authorizationUrl(
  options: AuthorizationCodeOptions,
  { config }: LoginContext,
  client: Client,
  { redirectUri, state, proof }: { redirectUri: string; state: string; proof: ProofKey | undefined },
): string {
  const url = new URL(config.oauth?.auth_url ?? options.authUrl)
  const parameters = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    ...(client.scope !== '' && { scope: client.scope }),
    state,
    ...(proof && { code_challenge: proof.challenge, code_challenge_method: 'S256' }),
    ...options.authParameters?.(redirectUri),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** The code that the browser brings, or that the person pastes, whichever is first. */
async function codeFrom(context: LoginContext, callback: Callback, state: string): Promise<string> {
  const { ui, title, signal } = context
  const over = new AbortController()
  const done = AbortSignal.any([signal, over.signal])
  try {
    return await Promise.race([callback.code, pastedCode(ui, title, state, done), tooLong(context, done)])
  } finally {
    over.abort()
  }
}

async function pastedCode(ui: LoginUi, title: string, state: string, done: AbortSignal): Promise<string> {
  let problem: string | undefined
  while (!done.aborted) {
    const text = await ui.askRedirect(done, problem)
    if (text === undefined) break
    if (text.trim() === '') continue
    const redirect = readPasted(text, state, title)
    if ('code' in redirect) return redirect.code
    if ('error' in redirect) throw redirect.error
    problem = pastedProblem(redirect.problem)
  }
  // Nobody to ask: the browser's way is left.
  return await new Promise<never>(() => {})
}

function tooLong({ title, provider, signal }: LoginContext, done: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => {
      reject(
        new AuthError(
          `Nobody signed in to ${title} within ${PATIENCE_MS / 60_000} minutes. Run \`byok login ${provider}\` again.`,
          { code: 'timeout' },
        ),
      )
    }, PATIENCE_MS)
    const stop = () => {
      clearTimeout(timer)
      if (signal.aborted) reject(signal.reason as Error)
    }
    if (done.aborted) stop()
    else done.addEventListener('abort', stop, { once: true })
  })
}

function asAuthError(error: unknown): AuthError {
  return error instanceof AuthError ? error : new AuthError('The login was not finished.', { code: 'failed' })
}
