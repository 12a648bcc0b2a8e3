import { chmod, mkdir, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { codeOf } from '../../core/log/fault.ts'
import { UnreadableSettings } from '../../core/setup/tool.ts'
import type { TakeOut } from '../../core/setup/tool.ts'
import { replaceFile } from '../../core/replace-file.ts'
import { CommandFailure } from '../command.ts'

/** Beside a file that byok changed: as it was before. Beside one that byok made: an empty mark. */
const BACKUP = '.before-byok'
const MADE = '.made-by-byok'
/** Beside both: as byok left it, which tells what was written into it since. */
const WRITTEN = '.as-byok-wrote-it'
/** Beside one that was written to since, and could only be put back as a whole. */
const ASIDE = '.before-undo'

/** The owner's part of a file's mode. */
const OWNER = 0o700

/** The file's text; empty where there is none. */
export async function readText(path: string): Promise<string> {
  return (await readIfThere(path)) ?? ''
}

/**
 * Writes a file and keeps it as it was before the first time. Only its owner may read a new one.
 * @param before The file as it would be without byok, where it was written to since the last time.
 */
export async function writeKeeping(path: string, text: string, before?: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const now = await readIfThere(path)
  const kept = await keptOf(path)
  const mode = await modeOf(path)
  try {
    // Beside the link where it is one: where that leads may be a folder of dotfiles that are shared.
    if (kept === undefined) await writeFile(now === undefined ? path + MADE : path + BACKUP, now ?? '', { mode })
    else if (before !== undefined && before !== '') {
      await replaceFile(path + BACKUP, before, { mode })
      await rm(path + MADE, { force: true })
    }
    // Else it is not known which of its text is byok's: that it is not as byok left it has to stay known.
    if (kept === undefined || before !== undefined || now === kept.written)
      await replaceFile(path + WRITTEN, text, { mode })
    await replace(path, text, mode)
  } catch (error) {
    // Nothing was written, so there is nothing to put back; and a full disk may have held but a part of what there was.
    if (kept === undefined) await forget(path)
    throw error
  }
}

/** Takes a file that is there from all but its owner, and what is kept of it: it has a key in it, or is about to get one. */
export async function makePrivate(path: string): Promise<void> {
  for (const one of [path, path + BACKUP, path + WRITTEN])
    if (await exists(one)) await chmod(one, (await modeOf(one)) & OWNER)
}

/** A file as it was before byok, and as byok left it, which earlier versions did not keep. */
export interface Kept {
  before: string
  written?: string
}

/** What is kept of a file; undefined where byok did not write it. */
export async function keptOf(path: string): Promise<Kept | undefined> {
  const before = await readIfThere(path + BACKUP)
  if (before === undefined && !(await exists(path + MADE))) return undefined
  const written = await readIfThere(path + WRITTEN)
  return { before: before ?? '', ...(written !== undefined && { written }) }
}

/** Keeps a file beside itself where {@link putBack} would lose what was written into it since; where that is. */
export async function keepAside(path: string, takeOut?: TakeOut): Promise<string | undefined> {
  const kept = await keptOf(path)
  const now = await readIfThere(path)
  if (kept === undefined || now === undefined || now === kept.before || now === kept.written) return undefined
  if (withoutByoks(now, kept, takeOut) !== undefined) return undefined
  const aside = await freeName(path + ASIDE)
  await replaceFile(aside, now, { mode: await modeOf(path) })
  return aside
}

/** Numbered where an earlier undo kept a file, which may be wanted still. */
async function freeName(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${path}-${number}`
    if (!(await exists(name))) return name
  }
}

/**
 * Puts a file back as it was; whether there was something to put back.
 * @param takeOut Of a file that was written to since, takes out byok's settings alone.
 */
export async function putBack(path: string, takeOut?: TakeOut): Promise<boolean> {
  const kept = await keptOf(path)
  if (kept === undefined) return false
  const now = await readIfThere(path)
  const changed = now !== undefined && now !== kept.written
  const text = (changed ? withoutByoks(now, kept, takeOut) : undefined) ?? kept.before
  const isNew = await exists(path + MADE)
  if (isNew && text === '') await rm(await realPath(path), { force: true })
  else await replace(path, text, await modeOf(path + (isNew ? '' : BACKUP)))
  await forget(path)
  return true
}

async function forget(path: string): Promise<void> {
  for (const kind of [BACKUP, MADE, WRITTEN]) await rm(path + kind, { force: true })
}

function withoutByoks(now: string, { before, written }: Kept, takeOut: TakeOut | undefined): string | undefined {
  if (takeOut === undefined || written === undefined) return undefined
  try {
    return takeOut(now, written, before)
  } catch (error) {
    if (error instanceof UnreadableSettings) return undefined
    throw error
  }
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
    if (!(await stat(path)).isFile()) {
      throw new CommandFailure(`${path} is no file. Put what is there out of the way, and try again.`)
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
