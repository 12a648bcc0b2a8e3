import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import { EventEmitter } from 'node:events'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { runWorkers } from '../../src/cli/workers/primary.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'

/** A worker that takes its time to stop. */
function makeWorker() {
  const kill = vi.fn()
  const worker = Object.assign(new EventEmitter(), {
    process: { pid: 1, kill },
    isConnected: () => false,
    isDead: () => false,
  })
  return { worker: worker as unknown as Worker, kill }
}

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

it('a worker has the time to store a refresh, after that of its streams, before it is killed', async () => {
  const byok = await createIsolatedByok({ server: { shutdown_timeout: 10_000 } })
  const { worker, kill } = makeWorker()
  vi.spyOn(cluster, 'fork').mockReturnValue(worker)
  const { workers } = cluster
  Object.assign(cluster, { workers: { 1: worker } })
  onTestFinished(async () => {
    Object.assign(cluster, { workers })
    await byok.close()
  })
  const primary = runWorkers(byok, 1, () => Promise.resolve())
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  primary.stop('SIGTERM')
  // 10 s for streams, then 45 s for as long as a refresh holds its lease.
  vi.advanceTimersByTime(55_000)
  expect(kill).not.toHaveBeenCalled()
  vi.advanceTimersByTime(60_000)
  expect(kill).toHaveBeenCalledWith('SIGKILL')
})
