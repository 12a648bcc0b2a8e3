/**
 * Loaded into a contestant before its own code, with `--expose-gc`: on SIGUSR2 it collects its garbage and writes how many bytes are
 * left, to a file named by its process in the folder of `BENCH_HEAP`.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

process.on('SIGUSR2', () => {
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  const file = join(process.env.BENCH_HEAP, String(process.pid))
  writeFileSync(`${file}.part`, String(heapUsed + external))
  renameSync(`${file}.part`, file)
})
