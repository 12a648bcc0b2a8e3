import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import { availableParallelism } from 'node:os'
import type { Listening } from '../../adapters/listen.ts'
import { LEASE_MS } from '../../core/auth/token-manager.ts'
import type { Byok } from '../../core/byok.ts'
import { isFromWorker } from './messages.ts'
import type { FromPrimary } from './messages.ts'
import { sharedMemory } from './shared-memory.ts'

/** A worker that dies is replaced at once, unless those before it died young as well: then after a wait that doubles. */
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 30_000
/** A worker that was up for so long did not die of its start. */
const HEALTHY_MS = 10_000
/** Beyond the time that running streams, and then a refresh under way, have; then workers are killed. */
const STOP_GRACE_MS = 5000

/** How many processes `server.workers` asks for. */
export function countOf(workers: Byok['config']['server']['workers']): number {
  return workers === 'auto' ? availableParallelism() : workers
}

export interface Primary {
  /** Stops all workers and ends the process; the second call at once. */
  stop(signal: NodeJS.Signals): void
}

/**
 * Runs `count` workers, which are this very command once more, and keeps so many running. One is started first: it finds out whether
 * the port can be had, which port 0 is, and makes the certificate, if one is to be made.
 *
 * @param onReady told once, when the first worker listens
 */
export function runWorkers(
  byok: Byok,
  count: number,
  onReady: (listening: Omit<Listening, 'close'>) => Promise<void>,
): Primary {
  const { logger } = byok
  const remember = sharedMemory(byok)
  const timers = new Set<NodeJS.Timeout>()
  let first: Omit<Listening, 'close'> | undefined
  let stopping = false
  let failed = false
  let failures = 0
  let up = 0
  let told = false

  const tell = (worker: Worker, message: FromPrimary) => {
    // One that dies this moment is told nothing.
    if (worker.isConnected()) worker.send(message, () => {})
  }
  const all = () =>
    Object.values(cluster.workers ?? {}).flatMap((worker) => (worker && !worker.isDead() ? [worker] : []))

  const fork = () => {
    const worker = cluster.fork()
    let listensSince: number | undefined
    worker.on('message', (message: unknown) => {
      if (!isFromWorker(message)) return
      switch (message.byok) {
        case 'hello':
          tell(worker, {
            byok: 'start',
            configTexts: byok.configTexts.flatMap((texts) => (texts ? [[...texts]] : [])),
            ...(first && { peer: peerOf(first) }),
          })
          if (stopping) tell(worker, { byok: 'stop' })
          return
        case 'listening':
          listensSince = Date.now()
          up++
          void onListening(message.listening)
          return
        case 'memory':
          remember(worker, message)
      }
    })
    worker.on('exit', (code, signal) => {
      if (listensSince !== undefined) up--
      onExit(worker, code, signal, listensSince)
    })
  }

  const onListening = async (listening: Omit<Listening, 'close'>) => {
    if (!first) {
      first = listening
      await onReady(listening)
      for (let more = 1; more < count; more++) if (!stopping) fork()
    }
    if (up < count || told) return
    told = true
    const pids = all().map((worker) => worker.process.pid)
    logger.info('all workers are up', { workers: count, pids: pids.join(' ') })
  }

  const onExit = (worker: Worker, code: number, signal: string | null, listensSince: number | undefined) => {
    if (stopping || !first) {
      // It has said why itself.
      failed ||= code !== 0
      if (all().length === 0) void end(first ? (failed ? 1 : 0) : code || 1)
      return
    }
    const healthy = listensSince !== undefined && Date.now() - listensSince > HEALTHY_MS
    failures = healthy ? 0 : failures + 1
    const wait = failures <= 1 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - 2), LONGEST_WAIT_MS)
    const how = signal === null ? { code } : { signal }
    logger.error('a worker died; another takes its place', { pid: worker.process.pid, ...how, wait_ms: wait })
    told = false
    const timer = setTimeout(() => {
      timers.delete(timer)
      fork()
    }, wait)
    timers.add(timer)
  }

  const end = async (code: number) => {
    await byok.close().catch((error: unknown) => logger.error('could not stop cleanly', { fault: String(error) }))
    process.exit(code)
  }

  const kill = () => {
    for (const worker of all()) worker.process.kill('SIGKILL')
  }

  byok.hooks.hook('config', () => {
    const configTexts = [...byok.comingConfigTexts]
    for (const worker of all()) tell(worker, { byok: 'reload', configTexts })
  })
  fork()
  return {
    stop(signal) {
      if (stopping) {
        kill()
        process.exit(1)
      }
      stopping = true
      logger.info(`stopping on ${signal}; running streams may end. Once more to stop at once.`)
      for (const timer of timers) clearTimeout(timer)
      for (const worker of all()) tell(worker, { byok: 'stop' })
      if (all().length === 0) void end(0)
      setTimeout(kill, byok.config.server.shutdown_timeout + LEASE_MS + STOP_GRACE_MS).unref()
    },
  }
}

function peerOf({ port, certificate }: Omit<Listening, 'close'>) {
  return { port, ...(certificate && { certificate }) }
}
