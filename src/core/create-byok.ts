import { Hookable } from 'hookable'
import { join } from 'node:path'
import { openCache } from './cache/cache.ts'
import { createAuth } from './auth/auth.ts'
import { unknownLogins } from './auth/credentials.ts'
import { AdminSessions } from './clients/admin-sessions.ts'
import { readSessionKey } from './clients/session-key.ts'
import { ClientKeys } from './clients/client-keys.ts'
import { Streams } from './clients/streams.ts'
import { loadConfig } from './config/index.ts'
import { watchFiles } from './config/watch.ts'
import type { Config } from './config/index.ts'
import { HookWatch } from './hook-watch.ts'
import { HookError, runHook } from './hooks.ts'
import type { ByokHooks, Hooks } from './hooks.ts'
import { chat, stream } from './in-process/call.ts'
import { aiSDKProvider } from './language-model/index.ts'
import { loadPlugin } from './load-plugin.ts'
import { faultOf } from './fault.ts'
import { assertGiven, assertOptions } from './given.ts'
import { createLogger } from './log.ts'
import { createModelLists } from './models/index.ts'
import { shutdownWarnings } from './models/shutdown.ts'
import { startObservers } from './observe/index.ts'
import type { Plugin } from './plugin.ts'
import { ProgramHooks } from './program-hooks.ts'
import { assertHooks, nameOf, PluginError } from './plugin-check.ts'
import { Registry } from './registry.ts'
import { Reloader } from './reload.ts'
import type { ReloadOptions } from './reload.ts'
import { reloadableLogger, reloadableUpstream } from './reloadable.ts'
import { CLIENT_GONE, createApp } from './routes/app.ts'
import { matches, pluginRoutes } from './routes/plugin-routes.ts'
import { isByokPath, routesOf } from './routes/table.ts'
import { uiRoutes } from './routes/ui.ts'
import type { ExchangeContext } from './exchange/exchange.ts'
import { Closing } from './exchange/shutting-down.ts'
import { CircuitStore } from './routing/circuit-store.ts'
import { Conversations } from './routing/conversations.ts'
import { Quotas } from './routing/quotas.ts'
import { Router } from './routing/router.ts'
import { Opened } from './opened.ts'
import { locationOf, openAt } from './store/configured.ts'
import { createUsage } from './usage/index.ts'
import { version } from './version.ts'
import { reasonOf } from './fault.ts'
import type { Byok, ByokOptions } from './byok.ts'

/**
 * Makes a byok of the given built-in plugins. Where that fails, what was opened for it is closed.
 *
 * @throws {ConfigError} naming file, line and key.
 * @throws {PluginError} naming the plugin.
 */
export async function createByokWith(builtins: Plugin[], options: ByokOptions = {}): Promise<Byok> {
  const opened = new Opened()
  try {
    return await create(builtins, options, opened)
  } catch (error) {
    // Why there is no byok matters more than what else goes wrong.
    await opened.close().catch(() => {})
    throw error
  }
}

async function create(builtins: Plugin[], options: ByokOptions, opened: Opened): Promise<Byok> {
  assertOptions(options)
  const { plugins = [], hooks: handlers, configFile, configFiles, flags, cwd, env, store: given, ...rest } = options
  const { logger: givenLogger, watch: watches = false, shared, configTexts, ...overrides } = rest
  assertGiven({ plugins, store: given, logger: givenLogger })
  const from = cwd ?? process.cwd()
  const environment = env ?? process.env
  const [drafts, taken] = configTexts ?? []
  const loaded = await loadConfig({
    cwd: from,
    env: environment,
    configFile,
    files: configFiles,
    flags,
    overrides,
    drafts,
  })

  const hooks: Hooks = new Hookable<ByokHooks>()
  const watch = new HookWatch()
  if (handlers) {
    assertHooks(handlers, 'the options of createByok')
    watch.add(hooks, handlers, 'the options of createByok')
  }
  const registry = new Registry()
  for (const plugin of builtins) await register(plugin, 'built-in plugin')
  for (const id of loaded.plugins) await load(id)
  for (const [index, plugin] of plugins.entries()) {
    if (typeof plugin === 'string') await load(plugin)
    else await register(plugin, nameOf(plugin) === '' ? `plugins[${index}] of createByok` : 'plugin')
  }

  async function load(id: string): Promise<void> {
    const folders = new Set([loaded.pluginFolders.get(id) ?? from, from])
    await register(await loadPlugin(id, [...folders]), `plugin ${JSON.stringify(id)}`)
  }

  async function register(plugin: Plugin, source: string): Promise<void> {
    await runAtStart(hooks, 'plugin', plugin)
    registry.register(plugin, source)
    if (plugin.hooks) watch.add(hooks, plugin.hooks, `plugin "${plugin.name}"`)
  }

  const started = loaded.finish(registry.plugins)
  await runAtStart(hooks, 'config', started.config)
  registry.configure(started.config)
  let sources: ReadonlyMap<string, string> = started.sources
  let { warnings } = loaded

  const ownLogger = reloadableLogger(await createLogger(started.config.log, environment))
  opened.logger = ownLogger
  const logger = givenLogger ?? ownLogger
  watch.logger = logger
  const location = await openAt('db', started.sources, () => locationOf(started.config, registry.plugins, environment))
  const store = given ?? (await openAt('db', started.sources, () => location.open((text) => logger.warn(text))))
  if (!given) opened.store = store
  const upstream = reloadableUpstream(upstreamOptions(started.config), environment)
  opened.upstream = upstream
  const auth = createAuth({ registry, store, upstream, logger, hooks, env: environment })
  opened.auth = auth
  const cache = await openAt('cache', started.sources, () =>
    openCache({
      config: started.config,
      location: given ? undefined : location,
      env: environment,
      shared,
      logger,
    }),
  )
  opened.cache = cache
  const modelLists = createModelLists({ registry, store, upstream, logger, tokens: auth.tokens, storage: cache.kept })
  opened.modelLists = modelLists
  const circuitStore = new CircuitStore(cache.kept, { shared: cache.keptShared })
  const conversations = new Conversations(cache.memoryShared ? cache.memory : undefined)
  const router = new Router({ store, circuitStore, conversations, plugins: registry.plugins })
  opened.router = router
  await router.restore()
  const clients = new ClientKeys({
    config: () => context.config,
    path: given ? undefined : join(location.folder, 'client-keys.json'),
    logger,
  })
  const usage = createUsage({
    folder: given ? undefined : location.folder,
    storage: cache.kept,
    config: () => context.config,
    clients,
    hooks,
    logger,
  })
  opened.usage = usage
  const context: ExchangeContext = {
    config: started.config,
    hooks,
    registry,
    store,
    tokens: auth.tokens,
    upstream,
    router,
    quotas: new Quotas(),
    clients,
    sessions: new AdminSessions(() => readSessionKey(given ? undefined : join(location.folder, 'session-key'), logger)),
    cache,
    streams: new Streams(),
    budgets: usage.budgets,
    logger,
    modelLists,
    closing: new Closing(),
  }
  await usage.restore()
  const unknownNow = await unknownLogins(registry.providers, store)
  warnings = [...warnings, ...clients.warnings, ...shutdownWarnings(registry, started.config), ...unknownNow]
  const ui = uiRoutes({
    context,
    byok: () => byok,
    files: loaded.files,
    check: (drafts) => reloader.check(drafts),
  })
  const routes = [...routesOf(context), ...ui]
  const added = pluginRoutes(context, routes, registry.plugins, () => byok)
  const observers = await startObservers(started.config, context)
  opened.observers = observers
  context.metrics = observers.metrics
  const app = createApp(context, [...routes, ...added])

  const reloader = new Reloader({
    loaded,
    started: started.config,
    plugins: () => registry.plugins,
    logger,
    async apply(next) {
      await runHook(hooks, 'config', next.config)
      // Before all that changes, which does so at once.
      const nextLogger = await createLogger(next.config.log, environment)
      registry.configure(next.config)
      ownLogger.configure(nextLogger)
      upstream.configure(upstreamOptions(next.config))
      context.config = next.config
      ;({ sources, warnings } = next)
      void modelLists.reloaded(registry.providers)
      // It is in effect: what cannot be looked up now is no reason to say that it is not.
      const unknown = await unknownLogins(registry.providers, store).catch((error: unknown) => [
        `whether the logins that the config names are there could not be found out: ${reasonOf(error)}`,
      ])
      return [...clients.warnings, ...shutdownWarnings(registry, next.config), ...unknown]
    },
  })
  const reload = (options?: ReloadOptions) => reloader.reload(options)
  // What is wrong is logged, and the next change is another try.
  if (watches) {
    const paths = loaded.files.map(({ path }) => path)
    opened.watcher = { close: watchFiles(paths, (settled) => reloader.changed(settled)) }
  }

  let closing: Promise<void> | undefined
  const byok: Byok = {
    app,
    fetch: async (input, init) => {
      const bare = typeof input === 'string' || input instanceof URL || init !== undefined
      const request = bare ? new Request(input, init) : input
      const response = await app.fetch(request)
      if (response.status === CLIENT_GONE && request.signal.aborted) throw request.signal.reason
      return response
    },
    chat: (request, options) => chat(context, request, options),
    stream: (request, options) => stream(context, request, options),
    ...aiSDKProvider(context),
    serves: (path) => isByokPath(path) || added.some((route) => matches(route, path)),
    hooks: new ProgramHooks(hooks, watch),
    get hookTimes() {
      return watch.times
    },
    registry,
    get config() {
      return context.config
    },
    store,
    auth,
    logger,
    modelLists,
    routing: router,
    clients,
    usage: usage.database,
    get warnings() {
      return warnings
    },
    get configTexts() {
      return reloader.texts
    },
    get comingConfigTexts() {
      return reloader.comingTexts
    },
    get sources() {
      return sources
    },
    reload,
    close: () =>
      (closing ??= (async () => {
        opened.watcher?.close()
        context.closing.end()
        await runHook(hooks, 'close')?.catch((error: unknown) =>
          logger.error('a hook failed', { fault: faultOf(error) }),
        )
        await opened.close()
      })()),
    [Symbol.asyncDispose]: () => byok.close(),
  }
  if (taken) await reload({ configTexts: taken })
  return byok
}

function upstreamOptions({ upstream }: Config) {
  return { ...upstream, userAgent: `byok/${version}` }
}

/** A hook without which there is no byok. Here a person reads what went wrong, and no client. */
async function runAtStart<Name extends 'plugin' | 'config'>(
  hooks: Hooks,
  name: Name,
  ...args: Parameters<ByokHooks[Name]>
): Promise<void> {
  try {
    await runHook(hooks, name, ...args)
  } catch (error) {
    if (!(error instanceof HookError)) throw error
    const { owner, cause } = error
    const words = reasonOf(cause)
    throw new PluginError(`the \`${name}\` hook of ${owner} failed: ${words}`, { cause })
  }
}
