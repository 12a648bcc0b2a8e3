import { codexLogin } from '../../../src/plugins/codex/auth.ts'
import { createTokenManager } from '../../../src/core/auth/token-manager.ts'
import type { TokenManager, TokenManagerOptions } from '../../../src/core/auth/token-manager.ts'
import type { OAuthMethod } from '../../../src/core/auth/method.ts'
import { providerShape } from '../../../src/core/config/provider-shape.ts'
import { silentLogger } from '../../../src/core/log/log.ts'
import { openaiChat } from '../../../src/core/protocols/openai-chat/index.ts'
import type { Provider } from '../../../src/core/registry.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import type { TokenStore } from '../../../src/core/store/index.ts'
import type { UpstreamFetch } from '../../../src/core/upstream/fetch.ts'
import type { IssuedTokens } from '../../upstreams/auth/code-server.ts'
import { z } from 'zod'

/** Codex, with its tokens at `tokenUrl`. */
export function codexAt(tokenUrl: string, login: OAuthMethod = codexLogin): Provider {
  return {
    name: 'codex',
    title: 'OpenAI',
    models: new Map(),
    unlisted: new Map(),
    config: z.strictObject(providerShape).parse({ oauth: { token_url: tokenUrl } }),
    plugin: {
      name: 'codex',
      models: [],
      auth: [login],
      translator: openaiChat(),
      executor: () => Promise.reject(new Error('not called')),
    },
  }
}

/** A login whose refresh does what the test says. */
export function loginThat(refresh: OAuthMethod['refresh']): OAuthMethod {
  return { kind: 'oauth', label: 'test', login: () => Promise.reject(new Error('not called')), refresh }
}

export function managerOf(store: TokenStore, more: Partial<TokenManagerOptions> = {}): TokenManager {
  return createTokenManager({
    store,
    logger: silentLogger,
    contextFor: ({ name, title, config }, signal) => {
      const send: UpstreamFetch = (url, init = {}) =>
        fetch(url, { method: init.body === undefined ? 'GET' : 'POST', ...init, signal })
      return { provider: name, title, config, env: {}, signal, fetch: send, fetchOnce: send }
    },
    ...more,
  })
}

/** A login whose token ended a minute ago. */
export async function putExpired(store: TokenStore, { accessToken, refreshToken }: IssuedTokens, expiresIn = -60_000) {
  return await store.put({
    provider: 'codex',
    account: 'ann',
    kind: 'oauth',
    tokens: { accessToken: new Secret(accessToken), refreshToken: new Secret(refreshToken) },
    expiresAt: Date.now() + expiresIn,
    metadata: { account_id: 'before' },
  })
}
