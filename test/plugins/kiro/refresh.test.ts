import { describe, expect, it, onTestFinished } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createMemoryTokenStore, credentialOf } from '../../../src/core/store/index.ts'
import { kiroLogin } from '../../../src/plugins/kiro/auth.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { RecordedRequest, Reply } from '../../../src/testing/fake-server.ts'
import { codexAt, managerOf } from '../../core/auth/manager-support.ts'

const PROFILE = 'arn:aws:codewhisperer:eu-central-1:000000000000:profile/TEAM'

/** A login that has ended, after it was renewed by a server that answers so; with what the server was asked. */
async function refreshed(
  metadata: Record<string, string>,
  answer: (request: RecordedRequest, reply: Reply) => void = usual,
) {
  const server = await startFakeServer(answer)
  onTestFinished(() => server.close())
  const store = createMemoryTokenStore()
  const record = await store.put({
    provider: 'codex',
    account: 'ann',
    kind: 'oauth',
    tokens: {
      accessToken: new Secret('old-access'),
      refreshToken: new Secret('old-refresh'),
      extra: { client_secret: new Secret('secret-client') },
    },
    expiresAt: Date.now() - 60_000,
    metadata,
  })
  const provider = codexAt(`${server.url}/token`, kiroLogin)
  Object.assign(provider.config, { oauth_base_url: server.url })
  await managerOf(store).fresh(provider, credentialOf(record))
  return { login: await store.get('codex', 'ann'), requests: server.requests }
}

function usual(request: RecordedRequest, reply: Reply): void {
  if (request.path === '/token') {
    return reply.json(200, { accessToken: 'new-access', refreshToken: 'new-refresh', expiresIn: 3600 })
  }
  const authorized = request.headers.authorization === 'Bearer new-access'
  if (!authorized) return reply.json(403, { __type: 'AccessDeniedException' })
  reply.json(200, { profiles: [{ arn: PROFILE }] })
}

const pathsOf = (requests: RecordedRequest[]) => requests.map(({ path }) => path)
const IDC = { auth_method: 'idc', client_id: 'client-9', region: 'eu-west-1' }

describe("a refresh of a company's login", () => {
  it('finds the profile that the login came without', async () => {
    const { login, requests } = await refreshed(IDC)
    expect(pathsOf(requests)).toEqual(['/token', '/'])
    expect(login?.metadata).toEqual({ ...IDC, profile_arn: PROFILE })
    expect(login?.tokens.accessToken.reveal()).toBe('new-access')
  })

  it('asks for no profile that it knows, or that a Builder ID has not', async () => {
    const known = await refreshed({ ...IDC, profile_arn: PROFILE })
    expect(pathsOf(known.requests)).toEqual(['/token'])
    const builder = await refreshed({ ...IDC, auth_method: 'builder-id' })
    expect(pathsOf(builder.requests)).toEqual(['/token'])
  })

  it('is good without the profile where nobody tells it', async () => {
    const { login } = await refreshed(IDC, (request, reply) =>
      request.path === '/token' ? usual(request, reply) : reply.json(403, { __type: 'AccessDeniedException' }),
    )
    expect(login?.metadata).toEqual(IDC)
    expect(login?.tokens.refreshToken?.reveal()).toBe('new-refresh')
  })
})

describe('a login by Google or GitHub', () => {
  it('has ended where its refresh token is refused, which is a 400 without a code', async () => {
    const message = 'Invalid refresh token provided'
    const social = refreshed({ auth_method: 'social' }, (_request, reply) => reply.json(400, { message }))
    await expect(social).rejects.toMatchObject({ status: 401, code: 'login_required' })
  })
})

describe("a login of a company's own identity provider", () => {
  const OWN = { auth_method: 'external_idp', client_id: 'app-7', scopes: 'openid offline_access', profile_arn: PROFILE }
  const ENDED = { error: 'invalid_grant', error_description: 'AADSTS70008: The refresh token has expired.' }

  it('is refreshed there, as a client without a secret', async () => {
    const { login, requests } = await refreshed(OWN, (_request, reply) =>
      reply.json(200, { access_token: 'new-access', refresh_token: 'new-refresh', expires_in: 600 }),
    )
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.text))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'app-7',
      refresh_token: 'old-refresh',
      scope: 'openid offline_access',
    })
    expect(login?.tokens.accessToken.reveal()).toBe('new-access')
    expect(login?.tokens.refreshToken?.reveal()).toBe('new-refresh')
    expect(login?.metadata).toEqual(OWN)
    expect(login?.expiresAt).toBeGreaterThan(Date.now())
  })

  it('finds its profile by the kind of its token', async () => {
    const { profile_arn: _, ...metadata } = OWN
    const { login, requests } = await refreshed(metadata, (request, reply) => {
      if (request.path === '/token') return reply.json(200, { access_token: 'new-access', expires_in: 600 })
      const isKind = request.headers['tokentype'] === 'EXTERNAL_IDP'
      return isKind ? usual(request, reply) : reply.json(403, { message: 'Invalid token' })
    })
    expect(pathsOf(requests)).toEqual(['/token', '/'])
    expect(login?.metadata).toEqual(OWN)
    expect(login?.tokens.refreshToken?.reveal()).toBe('old-refresh')
  })

  it.each([
    ['the refresh token has ended', OWN, ENDED],
    ['the company wants the person', OWN, { error: 'interaction_required', error_description: 'AADSTS50076: MFA.' }],
    ['the client is not known', { ...OWN, client_id: '' }, ENDED],
  ])('wants a new login where %s', async (_name, metadata, body) => {
    const renewal = refreshed(metadata, (_request, reply) => reply.json(400, body))
    await expect(renewal).rejects.toMatchObject({ status: 401, code: 'login_required' })
  })
})
