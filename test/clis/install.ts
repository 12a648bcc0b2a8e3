import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The `node_modules` that holds the CLIs. */
    clis: string
  }
}

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/byok-clis', import.meta.url))

/**
 * Installs the CLIs of `clis.json` beside this file, once for each of its contents; they are more than a gigabyte. No install
 * script runs: those only move the binary of a platform's package to where the shell finds it.
 */
export default async function install({ provide }: TestProject): Promise<void> {
  const manifest = await readFile(new URL('clis.json', import.meta.url))
  const folder = join(CACHE, createHash('sha256').update(manifest).digest('hex').slice(0, 16))
  if (!(await stat(folder).catch(() => undefined))) {
    await rm(CACHE, { recursive: true, force: true })
    await mkdir(CACHE, { recursive: true })
    const fresh = await mkdtemp(join(CACHE, 'fresh-'))
    await writeFile(join(fresh, 'package.json'), manifest)
    await promisify(execFile)('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
      cwd: fresh,
      shell: process.platform === 'win32',
    })
    await rename(fresh, folder)
  }
  provide('clis', join(folder, 'node_modules'))
}
