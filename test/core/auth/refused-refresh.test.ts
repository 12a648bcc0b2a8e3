import { describe, expect, it, onTestFinished } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createMemoryTokenStore, credentialOf } from '../../../src/core/store/index.ts'
import { claudeLogin } from '../../../src/plugins/claude/auth.ts'
import { codexLogin } from '../../../src/plugins/codex/auth.ts'
import { copilotLogin } from '../../../src/plugins/copilot/auth.ts'
import { kimiLogin } from '../../../src/plugins/kimi/auth.ts'
import { kiroLogin } from '../../../src/plugins/kiro/auth.ts'
import { qwenLogin } from '../../../src/plugins/qwen/auth.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { OAuthMethod } from '../../../src/core/auth/method.ts'
import { codexAt, managerOf } from './manager-support.ts'

/** What becomes of a login whose refresh is answered so. */
async function refused(login: OAuthMethod, status: number, body: unknown, metadata: Record<string, string> = {}) {
  const server = await startFakeServer((_request, reply) =>
    typeof body === 'string' ? reply.send(status, body) : reply.json(status, body),
  )
  onTestFinished(() => server.close())
  const store = createMemoryTokenStore()
  const record = await store.put({
    provider: 'codex',
    account: 'ann',
    kind: 'oauth',
    tokens: {
      accessToken: new Secret('a'),
      refreshToken: new Secret('secret-refresh'),
      extra: { client_secret: new Secret('secret-client') },
    },
    expiresAt: Date.now() - 60_000,
    metadata,
  })
  const provider = codexAt(server.url, login)
  Object.assign(provider.config.oauth ?? {}, { exchange_url: server.url })
  const error: unknown = await Promise.resolve(managerOf(store).fresh(provider, credentialOf(record))).catch(
    (thrown: unknown) => thrown,
  )
  expect(server.requests).toHaveLength(1)
  expect(String(error)).not.toContain('secret-')
  const left = await store.get('codex', 'ann')
  return { error, state: left?.state, reason: left?.reason }
}

const SOCIAL = { auth_method: 'social' }
const IDC = { auth_method: 'idc', client_id: 'c' }

describe('a refresh that the provider refuses', () => {
  it.each([
    ['codex, 401 with a code of any name', codexLogin, 401, { error: { code: 'app_session_terminated' } }, {}],
    ['codex, 400 with one of its codes', codexLogin, 400, { error: { code: 'refresh_token_reused' } }, {}],
    ['claude, 401', claudeLogin, 401, { type: 'error', error: { type: 'authentication_error', message: 'No.' } }, {}],
    ['qwen, 400', qwenLogin, 400, { code: 'invalid_parameter', message: 'Refresh token expired' }, {}],
    ['qwen, 401', qwenLogin, 401, { message: 'No.' }, {}],
    ['kimi, 401', kimiLogin, 401, { message: 'No.' }, {}],
    ['kimi, 403', kimiLogin, 403, { error_description: 'No.' }, {}],
    ['kiro by Google or GitHub, 401', kiroLogin, 401, { message: 'Bad credentials' }, SOCIAL],
    ['kiro by AWS, whose refresh token has ended', kiroLogin, 400, { __type: 'ExpiredTokenException' }, IDC],
    ['copilot, 401', copilotLogin, 401, { message: 'Bad credentials' }, {}],
    ['copilot, 404', copilotLogin, 404, { message: 'Not Found', status: '404' }, {}],
  ])('for good wants a new login: %s', async (_name, login, status, body, metadata) => {
    const { error, state } = await refused(login, status, body, metadata)
    expect(error).toMatchObject({ status: 401, code: 'login_required' })
    expect(state).toBe('needs_login')
  })

  it.each([
    ['codex, 403', codexLogin, 403, { error: { code: 'unsupported_country' } }, {}],
    ['codex, 400 without a code it knows', codexLogin, 400, { detail: 'No.' }, {}],
    ['claude, 429', claudeLogin, 429, { error: { type: 'rate_limit_error' } }, {}],
    ['qwen, 504', qwenLogin, 504, { message: 'Later.' }, {}],
    ['kimi, 403 of a gateway before it', kimiLogin, 403, '<html>Blocked</html>', {}],
    ['kiro, 403', kiroLogin, 403, { message: 'No.' }, SOCIAL],
    ['copilot, 403', copilotLogin, 403, { error_details: { message: 'No Copilot subscription found.' } }, {}],
  ])('for now is tried again later: %s', async (_name, login, status, body, metadata) => {
    const { error, state } = await refused(login, status, body, metadata)
    expect(error).toMatchObject({ status: 503, code: 'refresh_failed' })
    expect(state).toBe('ok')
  })
})
