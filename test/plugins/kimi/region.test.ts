import { describe, expect, it } from 'vitest'
import { providerShape } from '../../../src/core/config/provider-shape.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import type { UpstreamFetch } from '../../../src/core/upstream/fetch.ts'
import { kimiLogin } from '../../../src/plugins/kimi/auth.ts'
import { baseOf } from '../../../src/plugins/kimi/executor.ts'
import { kimiSettings } from '../../../src/plugins/kimi/region.ts'
import { fakeJwt } from '../../upstreams/auth/code-server.ts'
import { z } from 'zod'

const schema = z.strictObject({ ...providerShape, ...kimiSettings.shape })

const TOKENS = { access_token: fakeJwt({ user_id: 'u1' }), refresh_token: 'r2', expires_in: 900 }
const DEVICE = { device_code: 'd', user_code: 'ABCD', verification_uri: 'https://www.kimi.ai/code', interval: 0 }

/** What a login or a refresh is made with, of which each URL it asks is noted. */
function contextWith(settings: object) {
  const urls: string[] = []
  const answer: UpstreamFetch = async (url) => {
    urls.push(String(url))
    return await Promise.resolve(Response.json(String(url).endsWith('/device_authorization') ? DEVICE : TOKENS))
  }
  const ui = {
    openUrl: () => undefined,
    showDeviceCode: () => undefined,
    askRedirect: () => Promise.resolve(undefined),
    note: () => undefined,
  }
  const common = { provider: 'kimi', title: 'Kimi', env: {}, fetch: answer, fetchOnce: answer, ui }
  return { urls, context: { ...common, config: schema.parse(settings), signal: new AbortController().signal } }
}

describe("Kimi's sites", () => {
  it.each([
    [{}, 'kimi.com', undefined],
    [{ region: 'global' }, 'kimi.ai', 'global'],
  ])(
    'signs in with %j at %s, and renews that login there whatever config says then',
    async (settings, site, region) => {
      const { urls, context } = contextWith(settings)
      const login = await kimiLogin.login(context)
      expect(urls).toEqual([
        `https://auth.${site}/api/oauth/device_authorization`,
        `https://auth.${site}/api/oauth/token`,
      ])
      expect(login.account).toBe('u1')
      expect(login.metadata?.['region']).toBe(region)

      const later = contextWith({ region: region === 'global' ? 'mainland-cn' : 'global' })
      const metadata = login.metadata ?? {}
      const kept = { kind: 'oauth' as const, state: 'ok' as const, version: 1, createdAt: 0, updatedAt: 0 }
      const account = { ...login, ...kept, provider: 'kimi', metadata }
      const refreshed = await kimiLogin.refresh?.({ ...later.context, account, keep: () => Promise.resolve() })
      expect(later.urls).toEqual([`https://auth.${site}/api/oauth/token`])
      expect(refreshed?.metadata).toEqual(login.metadata)
      const credential = { kind: 'oauth' as const, account: 'u1', accessToken: login.tokens.accessToken, metadata }
      expect(baseOf({ credential, config: later.context.config })).toBe(`https://api.${site}/coding/v1`)
    },
  )

  it.each([
    [{}, 'https://api.kimi.com/coding/v1'],
    [{ region: 'global' }, 'https://api.kimi.ai/coding/v1'],
    [{ region: 'global', base_url: 'https://api.moonshot.ai/v1' }, 'https://api.moonshot.ai/v1'],
  ])('takes a key with %j to %s', (settings, base) => {
    const credential = { kind: 'api_key' as const, account: 'config', key: new Secret('sk') }
    expect(baseOf({ credential, config: schema.parse(settings) })).toBe(base)
  })
})
