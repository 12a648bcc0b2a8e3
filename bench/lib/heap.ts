import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ServerProcess } from './server-process.ts'

const PROBE = join(import.meta.dirname, 'heap-probe.js')

/** Options of Node's for contestants whose heaps are looked at. */
export const PROBED = ['--expose-gc', '--import', PROBE]

/** Looks at the heaps of processes that are started with {@link PROBED} meanwhile. */
export async function withHeaps<T>(
  work: (heapOf: (server: ServerProcess) => Promise<number>) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'byok-heap-'))
  process.env['BENCH_HEAP'] = folder
  try {
    return await work(async ({ pid }) => {
      const file = join(folder, String(pid))
      rmSync(file, { force: true })
      process.kill(pid, 'SIGUSR2')
      while (!existsSync(file)) await wait(10)
      return Number(readFileSync(file, 'utf8'))
    })
  } finally {
    delete process.env['BENCH_HEAP']
    rmSync(folder, { recursive: true, force: true })
  }
}
