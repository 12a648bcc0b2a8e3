import { createHash, randomBytes } from 'node:crypto'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { RecordedRequest, Reply } from '../../../src/testing/fake-server.ts'

export interface DeviceServerOptions {
  clientId: string
  /** Exactly these, in any order. */
  scopes: string[]
  /** Whether PKCE with S256 is demanded. */
  pkce?: boolean
  /** Headers that every request must have. */
  headers?: string[]
  /** Seconds between two polls; less is refused with `slow_down`. Fractions keep tests short. */
  interval?: number
  expiresIn?: number
  /** The status of errors; GitHub's are 200. Default 400. */
  errorStatus?: number
  /** Whether there are refresh tokens. Default yes. */
  refreshes?: boolean
  /** What the token answer holds besides the tokens. */
  extra?: (accessToken: string) => Record<string, unknown>
  /** The access token to give. Default: a random one. */
  accessToken?: () => string
  handle?: (request: RecordedRequest, reply: Reply, fake: DeviceServer) => boolean
}

export interface DeviceServer {
  url: string
  deviceUrl: string
  tokenUrl: string
  requests: RecordedRequest[]
  faults: string[]
  secrets: string[]
  userCode: string
  /** Resolves when the first poll has come. */
  polled: Promise<void>
  polls(): number
  knows(accessToken: string | undefined): boolean
  approve(): void
  deny(): void
  /** The next polls break the connection, or answer with this status and no JSON. */
  disturb(...how: ('cut' | number)[]): void
  close(): Promise<void>
}

/** A server that signs people in by a device code: RFC 8628. */
export async function startDeviceServer(options: DeviceServerOptions): Promise<DeviceServer> {
  const { interval = 0.02, errorStatus = 400 } = options
  const accessTokens = new Set<string>()
  const refreshTokens = new Set<string>()
  const disturbances: ('cut' | number)[] = []
  const device = { code: '', challenge: '', last: 0, state: 'pending' }
  let polls = 0
  let onPoll = () => {}
  const polled = new Promise<void>((resolve) => {
    onPoll = resolve
  })
  const server = await startFakeServer((request, reply) => {
    if (options.handle?.(request, reply, fake)) return
    const missing = (options.headers ?? []).filter((name) => !request.headers[name])
    if (missing.length > 0) return fault(reply, 'invalid_request', `without ${missing.join(', ')}`)
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-www-form-urlencoded') {
      return fault(reply, 'invalid_request', `${request.method} ${request.headers['content-type']}`)
    }
    const body = new URLSearchParams(request.text)
    if (body.get('client_id') !== options.clientId) return fault(reply, 'invalid_client', 'client_id')
    if (request.path === '/device/code') return start(body, reply)
    if (request.path === '/token') return token(body, reply)
    fault(reply, 'not_found', request.path)
  })
  const fake: DeviceServer = {
    url: server.url,
    deviceUrl: `${server.url}/device/code`,
    tokenUrl: `${server.url}/token`,
    requests: server.requests,
    faults: [],
    secrets: [],
    userCode: 'WDJB-MJHT',
    polled,
    polls: () => polls,
    knows: (accessToken) => accessToken !== undefined && accessTokens.has(accessToken),
    approve: () => {
      device.state = 'approved'
    },
    deny: () => {
      device.state = 'denied'
    },
    disturb: (...how) => void disturbances.push(...how),
    close: () => server.close(),
  }
  return fake

  function start(body: URLSearchParams, reply: Reply): void {
    const asked = (body.get('scope') ?? '').split(' ').filter(Boolean).sort().join(' ')
    if (asked !== [...options.scopes].sort().join(' ')) return fault(reply, 'invalid_scope', `scope ${asked}`)
    const challenge = body.get('code_challenge') ?? ''
    const proves = challenge.length === 43 && body.get('code_challenge_method') === 'S256'
    if (proves !== (options.pkce ?? false)) return fault(reply, 'invalid_request', 'code_challenge')
    device.code = secretText('device')
    device.challenge = challenge
    device.last = performance.now()
    reply.json(200, {
      device_code: device.code,
      user_code: fake.userCode,
      verification_uri: `${server.url}/device`,
      verification_uri_complete: `${server.url}/device?user_code=${fake.userCode}`,
      expires_in: options.expiresIn ?? 900,
      interval,
    })
  }

  function token(body: URLSearchParams, reply: Reply): void {
    if (body.get('grant_type') === 'refresh_token') {
      if (!refreshTokens.delete(body.get('refresh_token') ?? '')) return reply.json(400, { error: 'invalid_grant' })
      return issue(reply)
    }
    polls += 1
    onPoll()
    const disturbance = disturbances.shift()
    if (disturbance === 'cut') return reply.cut()
    if (disturbance !== undefined) return reply.send(disturbance, '<html>Bad gateway</html>')
    if (body.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:device_code') {
      return fault(reply, 'unsupported_grant_type', 'grant_type')
    }
    if (body.get('device_code') !== device.code) return fault(reply, 'invalid_grant', 'device_code')
    const proof = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    if (options.pkce && proof !== device.challenge) return fault(reply, 'invalid_grant', 'code_verifier')
    const early = performance.now() - device.last < interval * 1000 - 2
    device.last = performance.now()
    if (early) return fault(reply, 'slow_down', 'a poll that came too early')
    if (device.state === 'pending') return reply.json(errorStatus, { error: 'authorization_pending' })
    if (device.state === 'denied') {
      return reply.json(errorStatus, { error: 'access_denied', error_description: 'The person said no.' })
    }
    issue(reply)
  }

  function issue(reply: Reply): void {
    const accessToken = options.accessToken?.() ?? secretText('access')
    fake.secrets.push(accessToken)
    accessTokens.add(accessToken)
    const refreshToken = secretText('refresh')
    refreshTokens.add(refreshToken)
    reply.json(200, {
      access_token: accessToken,
      token_type: 'bearer',
      ...((options.refreshes ?? true) && { refresh_token: refreshToken, expires_in: 3600 }),
      ...options.extra?.(accessToken),
    })
  }

  function secretText(kind: string): string {
    const text = `secret-${kind}-${randomBytes(12).toString('hex')}`
    fake.secrets.push(text)
    return text
  }

  function fault(reply: Reply, error: string, what: string): void {
    fake.faults.push(`${error}: ${what}`)
    reply.json(errorStatus, { error, error_description: `The fake refuses ${what}.` })
  }
}
