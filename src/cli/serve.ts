import cluster from 'node:cluster'
import { closeSync, openSync } from 'node:fs'
import { isatty } from 'node:tty'
import { defineCommand } from 'citty'
import type { ListenOptions, Listening } from '../adapters/listen.ts'
import type { Byok, ByokOptions } from '../core/byok.ts'
import { runCommandBody } from './command.ts'
import { reportCrashes } from './crash.ts'
import { jsonArg, printJsonLine } from './json.ts'
import { configArgs, flagsOf } from './with-byok.ts'

export default defineCommand({
  meta: { name: 'serve', description: 'Serve the OpenAI-compatible endpoint' },
  args: {
    ...configArgs,
    port: { type: 'string', alias: 'p', valueHint: 'PORT', description: 'Port to listen on (default: 8018)' },
    host: { type: 'string', valueHint: 'HOST', description: 'Address to listen on (default: 127.0.0.1)' },
    workers: {
      type: 'string',
      valueHint: 'N',
      description: 'Processes to spread the work over; `auto` for one a core (default: 1)',
    },
    https: { type: 'boolean', description: 'Serve https, with a certificate made now unless server.tls names one' },
    json: jsonArg,
  },
  run: (context) =>
    runCommandBody(context, async (args) => {
      reportCrashes(args.json)
      const [{ createByok }, { listen }, { banner, readyEvent }, { logRequests }] = await Promise.all([
        import('../index.ts'),
        import('../adapters/listen.ts'),
        import('./banner.ts'),
        import('./access-log.ts'),
      ])
      const flags = flagsOf(args)
      if (args.port !== undefined) flags['port'] = args.port
      if (args.host !== undefined) flags['host'] = args.host
      if (args.workers !== undefined) flags['server'] = { workers: args.workers }
      const options = args.https ? { https: true } : {}
      if (cluster.isWorker) return await serveAsWorker({ configFile: args.config, flags }, options)
      const byok = await createByok({ configFile: args.config, flags, watch: true })
      for (const warning of byok.warnings) byok.logger.warn(warning)
      const tell = async (listening: Omit<Listening, 'close'>) => {
        if (args.json) printJsonLine(await readyEvent(byok, listening))
        else if (!args.quiet) process.stdout.write(await banner(byok, listening))
      }
      const { countOf, runWorkers } = await import('./workers/primary.ts')
      const count = countOf(byok.config.server.workers)
      if (count > 1) {
        const { stop } = runWorkers(byok, count, tell)
        stopOnSignal(stop)
        reloadOnHangup(byok, stop)
        return
      }
      logRequests(byok)
      const listening = await listen(byok, options).catch(async (error: unknown) => {
        await byok.close()
        throw error
      })
      await tell(listening)
      // In the background, so that models no list of ours names are known by their bare ids from the first request on.
      void byok.modelLists.touch(byok.registry.providers)
      const stop = stopOf(byok, listening)
      stopOnSignal(stop)
      reloadOnHangup(byok, stop)
    }),
})

async function serveAsWorker(options: ByokOptions, listenOptions: ListenOptions): Promise<void> {
  const [{ createByok }, { logRequests }, { primaryMemory }, { runWorker }] = await Promise.all([
    import('../index.ts'),
    import('./access-log.ts'),
    import('./workers/shared-memory.ts'),
    import('./workers/worker.ts'),
  ])
  const create: Parameters<typeof runWorker>[0] = async (more) => {
    const byok = await createByok({ ...options, ...more, shared: primaryMemory() })
    logRequests(byok)
    return byok
  }
  const byok = await runWorker(create, listenOptions)
  void byok.modelLists.touch(byok.registry.providers)
}

function stopOnSignal(stop: (signal: NodeJS.Signals) => void): void {
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

/** The first signal lets running streams end, for a bounded time; the second ends at once. */
function stopOf(byok: Byok, listening: Listening): (signal: NodeJS.Signals) => void {
  let stopping = false
  return (signal) => {
    if (stopping) process.exit(1)
    stopping = true
    byok.logger.info(`stopping on ${signal}; running streams may end. Once more to stop at once.`)
    listening
      .close()
      .then(() => byok.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          byok.logger.error('could not stop cleanly', { fault: String(error) })
          process.exit(1)
        },
      )
  }
}

/** `kill -HUP` reads the config again. The same signal comes when the terminal byok runs in is closed, which ends it. */
function reloadOnHangup(byok: Byok, stop: (signal: NodeJS.Signals) => void): void {
  const onTerminal = isatty(0)
  process.on('SIGHUP', (signal) => {
    if (onTerminal && !hasTerminal()) stop(signal)
    // What is wrong is logged, and the last good config stays.
    else void byok.reload().catch(() => {})
  })
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
