import { reasonOf } from '../log/fault.ts'
import { LATE, within } from '../async/waiting.ts'

/** The operating system's store of secrets, as far as byok needs it. Every method rejects where it is out of reach. */
export interface Keychain {
  get(name: string): Promise<string | undefined>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
}

/** What people see in the keychain's own window. */
const SERVICE = 'byok'

/** Long enough for a person to unlock the keychain, short enough not to hang a server that nobody watches. */
const PATIENCE_MS = 60_000

/** The part of `@napi-rs/keyring` 2 that is used; see its `index.d.ts`. */
interface Keyring {
  AsyncEntry: new (service: string, name: string, options: { linux: { store: 'secret-service' } }) => KeyringEntry
}

interface KeyringEntry {
  getPassword(): Promise<string | null | undefined>
  setPassword(password: string): Promise<void>
  deletePassword(): Promise<unknown>
}

/**
 * The keychain of macOS, Windows, or a Linux desktop (Secret Service), through the optional package `@napi-rs/keyring`.
 * Nothing is loaded before the first call.
 *
 * @param load the package; for tests
 */
export function systemKeychain(load: () => Promise<unknown> = importKeyring): Keychain {
  const entry = async (name: string) => {
    const keyring = await load()
    if (!isKeyring(keyring)) throw new Error('@napi-rs/keyring is of another version than byok knows')
    // Left to itself on Linux, the package falls back to the kernel's keyring, which a restart of the machine empties.
    return new keyring.AsyncEntry(SERVICE, name, { linux: { store: 'secret-service' } })
  }
  const inTime = async <T>(work: () => Promise<T>): Promise<T> => {
    const result = await within(work(), PATIENCE_MS)
    if (result === LATE) throw new Error('the keychain did not answer; it may be locked')
    return result
  }
  return {
    get: (name) => inTime(async () => (await (await entry(name)).getPassword()) ?? undefined),
    set: (name, value) => inTime(async () => (await entry(name)).setPassword(value)),
    delete: (name) => inTime(async () => void (await (await entry(name)).deletePassword())),
  }
}

/** The name is no literal, so that the package may be missing when byok is compiled. */
async function importKeyring(): Promise<unknown> {
  const name: string = '@napi-rs/keyring'
  try {
    return await import(name)
  } catch (error) {
    throw new Error(`the optional package @napi-rs/keyring cannot be loaded (${firstLine(reasonOf(error))})`, {
      cause: error,
    })
  }
}

function isKeyring(module: unknown): module is Keyring {
  return (
    typeof module === 'object' && module !== null && 'AsyncEntry' in module && typeof module.AsyncEntry === 'function'
  )
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
