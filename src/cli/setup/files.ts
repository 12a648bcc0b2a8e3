import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Beside a file that byok changed: as it was before. Beside one that byok made: an empty mark. */
const BACKUP = '.before-byok'
const MADE = '.made-by-byok'

/** The file's text; empty where there is none. */
export async function readText(path: string): Promise<string> {
  return (await readIfThere(path)) ?? ''
}

/** Writes a file and keeps it as it was before the first time. Only its owner may read a new one, for it may hold a key. */
export async function writeKeeping(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const before = await readIfThere(path)
  const kept = (await exists(path + BACKUP)) || (await exists(path + MADE))
  const mode = before === undefined ? 0o600 : (await stat(path)).mode & 0o777
  if (!kept) await writeFile(before === undefined ? path + MADE : path + BACKUP, before ?? '', { mode })
  // In one step, so that the tool never reads half a file.
  const fresh = `${path}.byok-${process.pid}`
  await writeFile(fresh, text, { mode })
  await rename(fresh, path)
}

/** Puts a file back as it was; whether there was something to put back. */
export async function putBack(path: string): Promise<boolean> {
  if (await exists(path + BACKUP)) {
    await rename(path + BACKUP, path)
    return true
  }
  if (!(await exists(path + MADE))) return false
  await rm(path, { force: true })
  await rm(path + MADE)
  return true
}

async function exists(path: string): Promise<boolean> {
  return (await readIfThere(path)) !== undefined
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
