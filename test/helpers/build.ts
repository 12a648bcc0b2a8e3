import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { buildUi } from '../../scripts/build-ui.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the built package, whose command the tests run. */
    build: string
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CACHE = join(ROOT, 'node_modules/.cache/byok')

/**
 * Builds the package once for all tests that run `byok`: it starts in a fraction of the time that compiling on the fly takes,
 * and is what users run. A build is kept under a hash of its sources, so that it is never stale and two runs never collide.
 */
export default async function build({ provide }: TestProject): Promise<void> {
  // Where a byok that runs from its sources looks for its page.
  await buildUi()
  const folder = join(CACHE, await hashOfSources())
  if (!(await exists(folder))) {
    await mkdir(CACHE, { recursive: true })
    await removeOld()
    const fresh = await mkdtemp(join(CACHE, 'build-'))
    const tsdown = join(ROOT, 'node_modules/tsdown/dist/run.mjs')
    await promisify(execFile)(process.execPath, [tsdown, '--out-dir', fresh, '--no-dts'], { cwd: ROOT })
    await buildUi(join(fresh, 'ui'))
    // Another run may have been faster with the same.
    await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }))
  }
  provide('build', folder)
}

/** Builds nobody has made use of for an hour. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const { mtimeMs } = await stat(join(CACHE, name)).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > 3_600_000) await rm(join(CACHE, name), { recursive: true, force: true })
  }
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256')
  const files = await readdir(join(ROOT, 'src'), { recursive: true })
  for (const name of [
    '../package.json',
    '../tsdown.config.ts',
    '../scripts/build-ui.ts',
    ...files.filter((file) => /\.\w+$/.test(file)).sort(),
  ]) {
    hash.update(name).update(await readFile(join(ROOT, 'src', name)))
  }
  return hash.digest('hex').slice(0, 16)
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
