import type { Storage } from 'unstorage'
import { credentialsOf, settingsOf } from '../auth/credentials.ts'
import type { TokenManager } from '../auth/token-manager.ts'
import type { Logger } from '../log/log.ts'
import type { Registry } from '../registry.ts'
import type { TokenStore } from '../store/index.ts'
import type { Upstream } from '../upstream/client.ts'
import { ModelCache } from './model-cache.ts'
import { ModelLists } from './model-lists.ts'

export { ModelLists } from './model-lists.ts'

export interface ModelListsContext {
  registry: Registry
  store: TokenStore
  upstream: Upstream
  logger: Logger
  /** Makes tokens of logins good before they are sent. */
  tokens?: Pick<TokenManager, 'fresh'>
  /** Where lists are kept. */
  storage: Storage
}

/** The models that the providers of a byok list themselves. Nothing is asked before {@link ModelLists.touch}. */
export function createModelLists(context: ModelListsContext): ModelLists {
  const { registry, store, upstream, logger, tokens, storage } = context
  return new ModelLists({
    cache: new ModelCache(storage),
    credential: async (provider) => {
      const [credential] = await credentialsOf(provider, store)
      return credential && tokens ? await tokens.fresh(provider, credential) : credential
    },
    alone: async (provider) => (await credentialsOf(provider, store)).length === 1,
    fetchFor: (provider, credential, signal) => {
      const { proxy } = settingsOf(provider, credential)
      const bound = { signal, provider: provider.title, headers: provider.config.headers, retries: 0 }
      return upstream.fetchFor(proxy ? { ...bound, proxy } : bound)
    },
    apply: (provider, listed) => registry.setListed(provider, listed),
    logger,
  })
}
