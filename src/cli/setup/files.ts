import { chmod, mkdir, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { codeOf } from '../../core/fault.ts'
import { replaceFile } from '../../core/replace-file.ts'

/** Beside a file that byok changed: as it was before. Beside one that byok made: an empty mark. */
const BACKUP = '.before-byok'
const MADE = '.made-by-byok'

/** The owner's part of a file's mode. */
const OWNER = 0o700

/** The file's text; empty where there is none. */
export async function readText(path: string): Promise<string> {
  return (await readIfThere(path)) ?? ''
}

/** Writes a file and keeps it as it was before the first time. Only its owner may read a new one. */
export async function writeKeeping(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const before = await readIfThere(path)
  const mode = await modeOf(path)
  const kept = (await exists(path + BACKUP)) || (await exists(path + MADE))
  // Beside the link where it is one: where that leads may be a folder of dotfiles that are shared.
  if (!kept) await writeFile(before === undefined ? path + MADE : path + BACKUP, before ?? '', { mode })
  await replace(path, text, mode)
}

/** Takes a file that is there from all but its owner, and what is kept of it: it has a key in it, or is about to get one. */
export async function makePrivate(path: string): Promise<void> {
  for (const one of [path, path + BACKUP]) if (await exists(one)) await chmod(one, (await modeOf(one)) & OWNER)
}

/** Puts a file back as it was; whether there was something to put back. */
export async function putBack(path: string): Promise<boolean> {
  const before = await readIfThere(path + BACKUP)
  if (before !== undefined) {
    await replace(path, before, await modeOf(path + BACKUP))
    await rm(path + BACKUP)
    return true
  }
  if (!(await exists(path + MADE))) return false
  await rm(await realPath(path), { force: true })
  await rm(path + MADE)
  return true
}

async function replace(path: string, text: string, mode: number): Promise<void> {
  const real = await realPath(path)
  await mkdir(dirname(real), { recursive: true })
  await replaceFile(real, text, { mode })
}

/** Where a link leads, even if nothing is there yet; else the path itself. The link is its owner's, often a dotfile manager's. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    const next = await readlink(path).catch(() => undefined)
    return next === undefined ? path : await realPath(resolve(dirname(path), next))
  }
}

/** That of a new file where there is none. */
async function modeOf(path: string): Promise<number> {
  return (await exists(path)) ? (await stat(path)).mode & 0o777 : 0o600
}

async function exists(path: string): Promise<boolean> {
  return (await readIfThere(path)) !== undefined
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
