import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { reasonOf } from '../fault.ts'
import { codeOf, StoreError } from './errors.ts'
import { MasterKey } from './secret-box.ts'
import { syncDirectory } from './permissions.ts'

/** Reads a key file; `undefined` where there is none. A file without a key is a {@link StoreError}, `bad_key_file`. */
export async function readKeyFile(path: string): Promise<MasterKey | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw badKeyFile(path, `cannot be read (${reasonOf(error)})`, error)
  }
  const key = MasterKey.parse(text)
  if (!key) throw badKeyFile(path, 'does not hold a byok key')
  return key
}

/**
 * Makes a key file, mode 0600, its directory too. Where several processes try at once, one makes it and all get its key:
 * the file appears whole or not at all, and never takes another's place.
 */
export async function createKeyFile(path: string): Promise<MasterKey> {
  const made = MasterKey.generate()
  const draft = `${path}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(`${made.reveal()}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await publish(draft, path)
    await syncDirectory(dirname(path))
  } catch (error) {
    throw new StoreError(
      'unavailable',
      `The key file ${path} cannot be written: ${reasonOf(error)}. Make its directory writable, or name another key file.`,
      { path, cause: error },
    )
  } finally {
    await rm(draft, { force: true })
  }
  const key = await readKeyFile(path)
  if (!key) throw badKeyFile(path, 'was removed while byok started')
  return key
}

/** Gives the draft its name unless that is taken. */
async function publish(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    // exFAT, some network shares and Android have no hard links.
    try {
      await copyFile(draft, path, constants.COPYFILE_EXCL)
    } catch (copyError) {
      if (codeOf(copyError) !== 'EEXIST') throw copyError
    }
  }
}

function badKeyFile(path: string, fault: string, cause?: unknown): StoreError {
  return new StoreError(
    'bad_key_file',
    `The key file ${path} ${fault}. Restore it from a backup; or, giving up the logins encrypted with it, delete it ` +
      `together with the token database and log in again.`,
    { path, cause },
  )
}
