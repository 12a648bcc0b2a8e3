import { createHash, randomBytes } from 'node:crypto'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { FakeServer, RecordedRequest, Reply } from '../../../src/testing/fake-server.ts'

/** What an authorization server knows of a client that signs people in by the browser. */
export interface CodeServerOptions {
  clientId: string
  clientSecret?: string
  /** Exactly these, in any order. */
  scopes: string[]
  /** The path of the redirect URI that is registered; its host is localhost, its port any. */
  redirectPath: string
  /** Whether PKCE with S256 is demanded, or refused. */
  pkce: boolean
  /** How the client must show its secret. */
  clientAuth: 'none' | 'body' | 'basic'
  tokenFormat: 'form' | 'json'
  refreshFormat?: 'form' | 'json'
  /** Whether the token request must repeat `state`. */
  tokenState?: boolean
  /** The name of the redirect URI's parameter. Default `redirect_uri`. */
  redirectParameter?: string
  /** Parameters that the authorization URL must have besides. */
  authParameters?: Record<string, string>
  /** What the token answer holds besides the tokens. */
  extra?: (tokens: IssuedTokens) => Record<string, unknown>
  /** Seconds; default an hour. */
  expiresIn?: number
  /**
   * What becomes of a refresh token once it was used. `strict`: it is dead at once. `graceful`: it stays good until the one
   * that replaced it is used, as RFC 9700 section 4.14.2 leaves room for. Default strict.
   */
  rotation?: 'strict' | 'graceful'
  /** More endpoints. Returns whether it answered. */
  handle?: (request: RecordedRequest, reply: Reply, fake: CodeServer) => boolean
}

export interface IssuedTokens {
  accessToken: string
  refreshToken: string
}

export interface CodeServer {
  url: string
  authUrl: string
  tokenUrl: string
  requests: RecordedRequest[]
  /** What clients did wrong, in words. Empty at the end of a good test. */
  faults: string[]
  /** Every secret that was ever given out. */
  secrets: string[]
  /** Whether an access token was given out by this server. */
  knows(accessToken: string | undefined): boolean
  /** The next authorization is refused so. */
  refuse(error: string, description: string): void
  /** The next token request gets this answer. */
  failToken(status: number, body: unknown): void
  refreshes(): number
  /** Tokens as after a login. */
  grant(): IssuedTokens
  /** Makes an access token unknown, as by a sign-out elsewhere. */
  revoke(accessToken: string): void
  close(): Promise<void>
}

interface Grant {
  redirectUri: string
  challenge: string | undefined
  state: string
}

/** A server that signs people in by the browser, refusing what the real ones refuse: RFC 6749 sections 4.1, 5 and 6; RFC 7636. */
export async function startCodeServer(options: CodeServerOptions): Promise<CodeServer> {
  const codes = new Map<string, Grant>()
  /** With the token that each replaced, where that is still good. */
  const refreshTokens = new Map<string, string | undefined>()
  const accessTokens = new Set<string>()
  let refusal: { error: string; description: string } | undefined
  const failures: { status: number; body: unknown }[] = []
  let refreshes = 0
  const server: FakeServer = await startFakeServer((request, reply) => {
    if (request.path === '/oauth/authorize') return authorize(request, reply)
    if (request.path === '/oauth/token' && request.method === 'POST') return token(request, reply)
    if (options.handle?.(request, reply, fake)) return
    fault(reply, 404, 'not_found', `nothing at ${request.method} ${request.path}`)
  })
  const fake: CodeServer = {
    url: server.url,
    authUrl: `${server.url}/oauth/authorize`,
    tokenUrl: `${server.url}/oauth/token`,
    requests: server.requests,
    faults: [],
    secrets: [],
    knows: (accessToken) => accessToken !== undefined && accessTokens.has(accessToken),
    refuse: (error, description) => {
      refusal = { error, description }
    },
    failToken: (status, body) => void failures.push({ status, body }),
    refreshes: () => refreshes,
    grant: () => newTokens(),
    revoke: (accessToken) => void accessTokens.delete(accessToken),
    close: () => server.close(),
  }
  return fake

  function authorize({ query }: RecordedRequest, reply: Reply): void {
    const redirectUri = query.get(options.redirectParameter ?? 'redirect_uri') ?? ''
    const state = query.get('state') ?? ''
    const challenge = query.get('code_challenge') ?? undefined
    const expected = new RegExp(`^http://localhost:\\d+${options.redirectPath}$`)
    if (query.get('client_id') !== options.clientId) return fault(reply, 400, 'invalid_client', 'client_id')
    if (!expected.test(redirectUri)) return fault(reply, 400, 'invalid_request', `redirect URI ${redirectUri}`)
    if (query.get('response_type') !== 'code') return fault(reply, 400, 'unsupported_response_type', 'response_type')
    if (state.length < 32) return fault(reply, 400, 'invalid_request', 'state')
    const asked = (query.get('scope') ?? '').split(' ').filter(Boolean).sort().join(' ')
    if (asked !== [...options.scopes].sort().join(' ')) return fault(reply, 400, 'invalid_scope', `scope ${asked}`)
    const proves = challenge?.length === 43 && query.get('code_challenge_method') === 'S256'
    if (proves !== options.pkce) return fault(reply, 400, 'invalid_request', 'code_challenge')
    for (const [name, value] of Object.entries(options.authParameters ?? {})) {
      if (query.get(name) !== value) return fault(reply, 400, 'invalid_request', `${name}=${query.get(name)}`)
    }
    const back = new URL(redirectUri)
    back.searchParams.set('state', state)
    if (refusal) {
      back.searchParams.set('error', refusal.error)
      back.searchParams.set('error_description', refusal.description)
      refusal = undefined
    } else {
      const code = secretText('code')
      codes.set(code, { redirectUri, challenge, state })
      back.searchParams.set('code', code)
    }
    reply.send(302, '', { location: back.href })
  }

  function token(request: RecordedRequest, reply: Reply): void {
    const failure = failures.shift()
    if (failure) return reply.json(failure.status, failure.body)
    const type = request.headers['content-type'] ?? ''
    const body = type.startsWith('application/json')
      ? new URLSearchParams(request.json as Record<string, string>)
      : new URLSearchParams(request.text)
    const refreshing = body.get('grant_type') === 'refresh_token'
    const format = (refreshing ? options.refreshFormat : undefined) ?? options.tokenFormat
    const wanted = format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
    if (type !== wanted) return fault(reply, 400, 'invalid_request', `content-type ${type}`)
    if (!isClient(request, body)) return fault(reply, 401, 'invalid_client', 'client authentication')
    if (refreshing) {
      refreshes += 1
      const used = body.get('refresh_token') ?? ''
      if (!refreshTokens.has(used)) {
        return reply.json(400, { error: 'invalid_grant', error_description: 'The refresh token is not valid.' })
      }
      const replaced = refreshTokens.get(used)
      if (replaced !== undefined) refreshTokens.delete(replaced)
      const graceful = options.rotation === 'graceful'
      if (!graceful) refreshTokens.delete(used)
      return issue(reply, graceful ? used : undefined)
    }
    if (body.get('grant_type') !== 'authorization_code')
      return fault(reply, 400, 'unsupported_grant_type', 'grant_type')
    const code = body.get('code') ?? ''
    const grant = codes.get(code)
    codes.delete(code)
    if (!grant) return fault(reply, 400, 'invalid_grant', 'code')
    if (body.get('redirect_uri') !== grant.redirectUri) return fault(reply, 400, 'invalid_grant', 'redirect_uri')
    if (options.tokenState && body.get('state') !== grant.state) return fault(reply, 400, 'invalid_grant', 'state')
    const proof = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    if (grant.challenge !== undefined && proof !== grant.challenge)
      return fault(reply, 400, 'invalid_grant', 'code_verifier')
    issue(reply)
  }

  function isClient(request: RecordedRequest, body: URLSearchParams): boolean {
    if (body.get('client_id') !== options.clientId) return false
    if (options.clientAuth === 'none') return body.get('client_secret') === null
    if (options.clientAuth === 'body') return body.get('client_secret') === options.clientSecret
    const basic = Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64')
    return request.headers.authorization === `Basic ${basic}`
  }

  function newTokens(replaces?: string): IssuedTokens {
    const tokens = { accessToken: secretText('access'), refreshToken: secretText('refresh') }
    accessTokens.add(tokens.accessToken)
    refreshTokens.set(tokens.refreshToken, replaces)
    return tokens
  }

  function issue(reply: Reply, replaces?: string): void {
    const tokens = newTokens(replaces)
    reply.json(200, {
      access_token: tokens.accessToken,
      refresh_token: tokens.refreshToken,
      token_type: 'Bearer',
      expires_in: options.expiresIn ?? 3600,
      ...options.extra?.(tokens),
    })
  }

  function secretText(kind: string): string {
    const text = `secret-${kind}-${randomBytes(12).toString('hex')}`
    fake.secrets.push(text)
    return text
  }

  function fault(reply: Reply, status: number, error: string, what: string): void {
    fake.faults.push(`${error}: ${what}`)
    reply.json(status, { error, error_description: `The fake refuses ${what}.` })
  }
}

/** A JSON Web Token that nobody signed. */
export function fakeJwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.${Buffer.from('secret-signature').toString('base64url')}`
}
