import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, reasonOf } from '../log/fault.ts'
import { StoreError } from './errors.ts'
import { MasterKey } from './secret-box.ts'
import { makeFileOnce } from './new-file.ts'
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

/** Makes a key file. Where several processes try at once, one makes it and all get its key. */
export async function createKeyFile(path: string): Promise<MasterKey> {
  const made = MasterKey.generate()
  try {
    makeFileOnce(path, `${made.reveal()}\n`)
    await syncDirectory(dirname(path))
  } catch (error) {
    throw new StoreError(
      'unavailable',
      `The key file ${path} cannot be written: ${reasonOf(error)}. Make its directory writable, or name another key file.`,
      { path, cause: error },
    )
  }
  const key = await readKeyFile(path)
  if (!key) throw badKeyFile(path, 'was removed while byok started')
  return key
}

function badKeyFile(path: string, fault: string, cause?: unknown): StoreError {
  return new StoreError(
    'bad_key_file',
    `The key file ${path} ${fault}. Restore it from a backup; or, giving up the logins encrypted with it, delete it ` +
      `together with the token database and log in again.`,
    { path, cause },
  )
}
