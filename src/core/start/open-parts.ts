import { join } from 'node:path'
import type { Driver } from 'unstorage'
import { createAuth } from '../auth/auth.ts'
import type { Auth } from '../auth/auth.ts'
import { openCache } from '../cache/cache.ts'
import { AdminSessions } from '../clients/admin-sessions.ts'
import { ClientKeys } from '../clients/client-keys.ts'
import { readSessionKey } from '../clients/session-key.ts'
import { Streams } from '../clients/streams.ts'
import type { Config } from '../config/index.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { Closing } from '../exchange/shutting-down.ts'
import type { HookWatch } from '../plugin/hook-watch.ts'
import type { Hooks } from '../hooks.ts'
import { createLogger } from '../log/log.ts'
import type { Logger } from '../log/log.ts'
import { createModelLists } from '../models/index.ts'
import type { ModelLists } from '../models/index.ts'
import type { Opened } from './opened.ts'
import type { Registry } from '../registry.ts'
import { reloadableLogger, reloadableUpstream } from './reloadable.ts'
import { CircuitStore } from '../routing/circuit-store.ts'
import { Conversations } from '../routing/conversations.ts'
import { Quotas } from '../routing/quotas.ts'
import { Router } from '../routing/router.ts'
import { locationOf, openAt } from '../store/configured.ts'
import type { TokenStore } from '../store/index.ts'
import type { UpstreamOptions } from '../upstream/client.ts'
import { createUsage } from '../usage/index.ts'
import { version } from '../version.ts'

interface Given {
  config: Config
  /** Which file each setting is from. */
  sources: ReadonlyMap<string, string>
  registry: Registry
  hooks: Hooks
  watch: HookWatch
  env: Record<string, string | undefined>
  /** The program's own, in place of one that config says. */
  store: TokenStore | undefined
  logger: Logger | undefined
  /** The memory of all processes that serve as one. */
  shared: Driver | undefined
}

/** What requests are served with, and those of its parts that are set up anew with a new config. */
interface Parts {
  context: ExchangeContext
  auth: Auth
  usage: ReturnType<typeof createUsage>
  modelLists: ModelLists
  upstream: ReturnType<typeof reloadableUpstream>
  /** The one that config says, in use or not. */
  ownLogger: ReturnType<typeof reloadableLogger>
}

/** Opens all that requests are served with: `opened` is told of each part at once, to close it if a later one fails. */
export async function openParts(
  { config, sources, registry, hooks, watch, env, shared, ...given }: Given,
  opened: Opened,
): Promise<Parts> {
  const ownLogger = reloadableLogger(await createLogger(config.log, env))
  opened.logger = ownLogger
  const logger = given.logger ?? ownLogger
  watch.logger = logger
  const location = await openAt('db', sources, () => locationOf(config, registry.plugins, env))
  const store = given.store ?? (await openAt('db', sources, () => location.open((text) => logger.warn(text))))
  if (!given.store) opened.store = store
  // Beside a store of the program's there is no folder to keep files in.
  const folder = given.store ? undefined : location.folder
  const fileIn = (name: string) => (folder === undefined ? undefined : join(folder, name))
  const upstream = reloadableUpstream(upstreamOptions(config), env)
  opened.upstream = upstream
  const auth = createAuth({ registry, store, upstream, logger, hooks, env })
  opened.auth = auth
  const cache = await openAt('cache', sources, () =>
    openCache({ config, location: given.store ? undefined : location, env, shared, logger }),
  )
  opened.cache = cache
  const modelLists = createModelLists({ registry, store, upstream, logger, tokens: auth.tokens, storage: cache.kept })
  opened.modelLists = modelLists
  const circuitStore = new CircuitStore(cache.kept, { shared: cache.keptShared })
  const conversations = new Conversations(cache.memoryShared ? cache.memory : undefined)
  const router = new Router({ store, logger, circuitStore, conversations, plugins: registry.plugins })
  opened.router = router
  await router.restore()
  const configNow = () => context.config
  const clients = new ClientKeys({ config: configNow, path: fileIn('client-keys.json'), logger })
  const usage = createUsage({ folder, storage: cache.kept, config: configNow, clients, hooks, logger })
  opened.usage = usage
  const context: ExchangeContext = {
    config,
    hooks,
    registry,
    store,
    tokens: auth.tokens,
    upstream,
    router,
    quotas: new Quotas(),
    clients,
    sessions: new AdminSessions(() => readSessionKey(fileIn('session-key'), logger)),
    cache,
    streams: new Streams(),
    budgets: usage.budgets,
    logger,
    modelLists,
    closing: new Closing(),
  }
  await usage.restore()
  return { context, auth, usage, modelLists, upstream, ownLogger }
}

export function upstreamOptions({ upstream }: Config): UpstreamOptions {
  return { ...upstream, userAgent: `byok/${version}` }
}
