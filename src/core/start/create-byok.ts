import { Hookable } from 'hookable'
import { unknownLogins } from '../auth/credentials.ts'
import { loadConfig } from '../config/index.ts'
import { watchFiles } from '../config/watch.ts'
import { HookWatch } from '../plugin/hook-watch.ts'
import { runHook } from '../hooks.ts'
import type { ByokHooks, Hooks } from '../hooks.ts'
import { chat, stream } from '../in-process/call.ts'
import { aiSDKProvider } from '../language-model/index.ts'
import { faultOf, reasonOf } from '../log/fault.ts'
import { assertGiven, assertOptions } from './given.ts'
import { createLogger } from '../log/log.ts'
import { shutdownWarnings } from '../models/shutdown.ts'
import { startObservers } from '../observe/index.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { ProgramHooks } from '../plugin/program-hooks.ts'
import { assertHooks } from '../plugin/check.ts'
import { registerPlugins, runAtStart } from '../plugin/register.ts'
import { Reloader } from './reload.ts'
import type { Reloaded, ReloadOptions } from './reload.ts'
import { CLIENT_GONE, createApp } from '../routes/app.ts'
import { matches, pluginRoutes } from '../routes/plugin-routes.ts'
import { isByokPath, routesOf } from '../routes/table.ts'
import { uiRoutes } from '../routes/ui.ts'
import { openParts, upstreamOptions } from './open-parts.ts'
import { Opened } from './opened.ts'
import type { Byok, ByokOptions } from '../byok.ts'

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
  const registry = await registerPlugins({ builtins, loaded, given: plugins, cwd: from }, hooks, watch)
  const started = loaded.finish(registry.plugins)
  await runAtStart(hooks, 'config', started.config)
  registry.configure(started.config)
  const parts = await openParts(
    { ...started, registry, hooks, watch, env: environment, shared, store: given, logger: givenLogger },
    opened,
  )
  const { context, auth, usage, modelLists, upstream, ownLogger } = parts
  const { store, logger, router, clients } = context
  const unknownNow = await unknownLogins(registry.providers, store)
  let { sources }: Pick<Reloaded, 'sources'> = started
  let warnings = [...loaded.warnings, ...clients.warnings, ...shutdownWarnings(registry, started.config), ...unknownNow]
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
