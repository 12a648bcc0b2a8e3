import { build } from 'esbuild'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
// In here, so that they find the packages they import.
const CACHE = join(ROOT, 'node_modules/.cache/byok')

/**
 * Compiles programs with the part of byok that they use, for tests that run them many times: with tsx, every process compiles all
 * of it again, which takes longer than what the test is about.
 *
 * @param programs paths from the root
 * @returns the folder that holds each as `NAME.js`, and what removes it
 */
export async function compile(programs: string[]): Promise<{ folder: string; remove: () => Promise<void> }> {
  await mkdir(CACHE, { recursive: true })
  const folder = await mkdtemp(join(CACHE, 'programs-'))
  await build({
    absWorkingDir: ROOT,
    entryPoints: programs.map((path) => ({ in: path, out: basename(path, '.ts') })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
