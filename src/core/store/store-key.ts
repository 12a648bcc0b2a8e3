import type { Database } from 'db0'
import { z } from 'zod'
import { reasonOf } from '../log/fault.ts'
import { StoreError } from './errors.ts'
import { createKeyFile, readKeyFile } from './key-file.ts'
import type { Keychain } from './keychain.ts'
import { type OnWarning, tightenFiles } from './permissions.ts'
import { MasterKey } from './secret-box.ts'

/** Where a store's key may be. */
export interface KeyPlaces {
  /** The key file's path. */
  file: string
  /** Absent: the key is never looked for in a keychain, nor put there. */
  keychain: Keychain | undefined
  /** Why there is no keychain here, for errors. */
  noKeychain: string
  onWarning: OnWarning
}

/** Which key a database's secrets are encrypted with, as the database itself says. */
const keyRecordSchema = z.object({ id: z.string(), source: z.enum(['keychain', 'file']) })
type KeyRecord = z.output<typeof keyRecordSchema>

/**
 * The key of a database: the one it names, or `undefined` where it names none, having never held a login.
 *
 * @param where the database's path, or what else people know it by
 * @throws StoreError `wrong_key` where that key is nowhere to be found
 */
export async function findStoreKey(db: Database, where: string, places: KeyPlaces): Promise<MasterKey | undefined> {
  const record = await readRecord(db, where)
  if (!record) return undefined
  const looked: string[] = []
  if (record.source === 'keychain') {
    const found = await lookInKeychain(record, places, looked)
    if (found) return found
  }
  const inFile = await readKeyFile(places.file)
  if (inFile?.id === record.id) {
    await tightenFiles([places.file], places.onWarning)
    return inFile
  }
  looked.push(`the key file ${places.file} (${inFile ? 'holds another key' : 'does not exist'})`)
  throw new StoreError(
    'wrong_key',
    `The logins in ${where} are encrypted with a key that was not found. Looked in ${looked.join(' and in ')}. ` +
      `Bring the right key back, or delete ${where} and log in again.`,
    { path: places.file },
  )
}

/** Like {@link findStoreKey}, but makes a key for a database that names none: in the keychain, else in the key file. */
export async function findOrCreateStoreKey(db: Database, where: string, places: KeyPlaces): Promise<MasterKey> {
  const found = await findStoreKey(db, where, places)
  if (found) return found
  const { key, source, discard } = await makeKey(places)
  // Of two processes that both made one, the database takes the first; the other then finds that one.
  await db
    .prepare(`INSERT INTO byok_meta (name, value) VALUES ('key', ?) ON CONFLICT (name) DO NOTHING`)
    .run(JSON.stringify({ id: key.id, source } satisfies KeyRecord))
  const agreed = await readRecord(db, where)
  if (agreed?.id === key.id) return key
  await discard()
  return findOrCreateStoreKey(db, where, places)
}

async function makeKey(
  places: KeyPlaces,
): Promise<{ key: MasterKey; source: KeyRecord['source']; discard: () => Promise<void> }> {
  const keep = async () => {}
  const existing = await readKeyFile(places.file)
  if (existing) {
    await tightenFiles([places.file], places.onWarning)
    return { key: existing, source: 'file', discard: keep }
  }
  const { keychain } = places
  const key = MasterKey.generate()
  const name = entryName(key.id)
  if (keychain && (await keeps(keychain, name, key.reveal()))) {
    return { key, source: 'keychain', discard: () => keychain.delete(name).catch(() => {}) }
  }
  return { key: await createKeyFile(places.file), source: 'file', discard: keep }
}

/** Whether the keychain took the value. Why it did not is of no interest: the key file works everywhere. */
async function keeps(keychain: Keychain, name: string, value: string): Promise<boolean> {
  try {
    await keychain.set(name, value)
    return (await keychain.get(name)) === value
  } catch {
    return false
  }
}

async function lookInKeychain(record: KeyRecord, places: KeyPlaces, looked: string[]): Promise<MasterKey | undefined> {
  const place = `the system's keychain under byok, "${entryName(record.id)}"`
  if (!places.keychain) {
    looked.push(`${place} (${places.noKeychain})`)
    return undefined
  }
  try {
    const text = await places.keychain.get(entryName(record.id))
    const key = text === undefined ? undefined : MasterKey.parse(text)
    if (key?.id === record.id) return key
    looked.push(`${place} (${text === undefined ? 'no such entry' : 'it was changed'})`)
  } catch (error) {
    looked.push(`${place} (${reasonOf(error)})`)
  }
  return undefined
}

/** Named by the key's id: databases do not share an entry, and two processes never overwrite each other's. */
function entryName(keyId: string): string {
  return `token key ${keyId}`
}

async function readRecord(db: Database, where: string): Promise<KeyRecord | undefined> {
  const row = await db.prepare(`SELECT value FROM byok_meta WHERE name = 'key'`).get()
  // better-sqlite3 and PostgreSQL give undefined for no row, node:sqlite undefined or null by version.
  if (row === undefined || row === null) return undefined
  try {
    return keyRecordSchema.parse(JSON.parse(z.object({ value: z.string() }).parse(row).value))
  } catch (cause) {
    throw new StoreError(
      'corrupt',
      `${where} is damaged: its record of the key cannot be read. Restore a backup of it.`,
      {
        cause,
      },
    )
  }
}
