import { describe, expect, it } from 'vitest'
import { providerShape } from '../../../src/core/config/provider-shape.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import type { UpstreamFetch } from '../../../src/core/upstream/fetch.ts'
import { copilotLogin } from '../../../src/plugins/copilot/auth.ts'
import { copilotSettings } from '../../../src/plugins/copilot/domain.ts'
import { baseOf } from '../../../src/plugins/copilot/executor.ts'
import { z } from 'zod'

const schema = z.strictObject({ ...providerShape, ...copilotSettings.shape })

function answerOf(path: string): object {
  if (path === '/login/device/code') {
    return { device_code: 'd', user_code: 'ABCD', verification_uri: 'https://acme.ghe.com/login/device', interval: 0 }
  }
  if (path === '/login/oauth/access_token') return { access_token: 'ghu_1', token_type: 'bearer' }
  return path === '/user' ? { login: 'octo-cat' } : { token: 'tid=1', refresh_in: 1500 }
}

/** What a login or a refresh is made with, of which each URL it asks is noted. */
function contextWith(settings: object) {
  const urls: string[] = []
  const answer: UpstreamFetch = async (url) => {
    urls.push(String(url))
    return await Promise.resolve(Response.json(answerOf(new URL(String(url)).pathname)))
  }
  const ui = {
    openUrl: () => undefined,
    showDeviceCode: () => undefined,
    askRedirect: () => Promise.resolve(undefined),
    note: () => undefined,
  }
  const common = { provider: 'copilot', title: 'GitHub Copilot', env: {}, fetch: answer, fetchOnce: answer, ui }
  return { urls, context: { ...common, config: schema.parse(settings), signal: new AbortController().signal } }
}

describe("a company's own GitHub", () => {
  it.each([
    [{}, 'github.com', 'octo-cat', 'https://api.githubcopilot.com'],
    [{ domain: 'acme.ghe.com' }, 'acme.ghe.com', 'octo-cat@acme.ghe.com', 'https://copilot-api.acme.ghe.com'],
  ])('signs in with %j at %s, and stays there whatever config says then', async (settings, site, name, base) => {
    const { urls, context } = contextWith(settings)
    const login = await copilotLogin.login(context)
    expect(urls.slice(0, 2)).toEqual([`https://${site}/login/device/code`, `https://${site}/login/oauth/access_token`])
    expect(urls.slice(2).sort()).toEqual([`https://api.${site}/copilot_internal/v2/token`, `https://api.${site}/user`])
    expect(login.account).toBe(name)

    const later = contextWith({ domain: 'other.ghe.com' })
    const metadata = login.metadata ?? {}
    const kept = { kind: 'oauth' as const, state: 'ok' as const, version: 1, createdAt: 0, updatedAt: 0 }
    const account = { ...login, ...kept, provider: 'copilot', metadata }
    expect(copilotLogin.identity?.(account)).toBe(name)
    await copilotLogin.refresh?.({ ...later.context, account, keep: () => Promise.resolve() })
    expect(later.urls).toEqual([`https://api.${site}/copilot_internal/v2/token`])
    const credential = { kind: 'oauth' as const, account: name, accessToken: login.tokens.accessToken, metadata }
    expect(baseOf({ credential, config: later.context.config })).toBe(base)
  })

  it('has keys of its own', () => {
    const credential = { kind: 'api_key' as const, account: 'api_key', key: new Secret('ghu') }
    const { config } = contextWith({ domain: 'acme.ghe.com' }).context
    expect(baseOf({ credential, config })).toBe('https://copilot-api.acme.ghe.com')
  })

  it.each(['https://acme.ghe.com', 'github.acme.com', 'acme.ghe.com.evil.example', 'x/acme.ghe.com'])(
    'is no %s',
    (domain) => {
      expect(copilotSettings.safeParse({ domain }).success).toBe(false)
    },
  )
})
