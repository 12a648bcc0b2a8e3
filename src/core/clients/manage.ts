import { changeCreatedKeys } from './created-keys.ts'
import type { CreatedKey } from './created-keys.ts'
import { generateKey, hashText } from './key.ts'
import { Secret } from '../secrets/secret.ts'

/** What cannot be done with the keys, in words for the person who asked. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
}

/** What a new key is for; see {@link CreatedKey}. */
export type KeyScope = Partial<Pick<CreatedKey, 'admin' | 'models' | 'budget' | 'expires_at'>>

/**
 * Makes a key. Its text is returned and kept nowhere.
 *
 * @param taken labels that config's keys have
 * @throws {KeyError} where another key has the label.
 */
export async function createKey(
  path: string,
  label: string,
  scope: KeyScope = {},
  taken: readonly string[] = [],
): Promise<{ key: Secret; created: CreatedKey }> {
  const text = generateKey()
  const created: CreatedKey = { label, hash: hashText(text), created_at: Date.now(), ...scope }
  await changeCreatedKeys(path, (keys) => {
    const others = keys.filter(({ revoked_at }) => revoked_at === undefined).map((one) => one.label)
    if ([...taken, ...others].includes(label)) {
      throw new KeyError(`there is a key ${JSON.stringify(label)} already. Revoke it first, or pick another name.`)
    }
    return [...keys, created]
  })
  return { key: new Secret(text), created }
}

/** Takes a key back; it is refused from the next request on. @throws {KeyError} where there is none of that name. */
export async function revokeKey(path: string, label: string): Promise<void> {
  await changeCreatedKeys(path, (keys) => {
    const found = keys.findLast((key) => key.label === label && key.revoked_at === undefined)
    if (!found) {
      throw new KeyError(`there is no key ${JSON.stringify(label)} that byok made. \`byok key list\` shows them all.`)
    }
    return keys.map((key) => (key === found ? { ...key, revoked_at: Date.now() } : key))
  })
}
