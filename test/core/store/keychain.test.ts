import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemKeychain } from '../../../src/core/store/keychain.ts'

/** What `@napi-rs/keyring` gives, over a map. */
function keyring(kept = new Map<string, string>()) {
  class AsyncEntry {
    readonly #key: string
    constructor(service: string, name: string, { linux }: { linux: { store: string } }) {
      this.#key = `${service} ${name} ${linux.store}`
    }
    async getPassword() {
      return kept.get(this.#key) ?? null
    }
    async setPassword(password: string) {
      kept.set(this.#key, password)
    }
    async deletePassword() {
      return kept.delete(this.#key)
    }
  }
  return { AsyncEntry }
}

describe("the system's keychain", () => {
  afterEach(() => vi.useRealTimers())

  it('keeps secrets as byok, on Linux by Secret Service', async () => {
    const kept = new Map<string, string>()
    const keychain = systemKeychain(async () => keyring(kept))
    expect(await keychain.get('key')).toBeUndefined()
    await keychain.set('key', 'secret')
    expect([...kept]).toEqual([['byok key secret-service', 'secret']])
    expect(await keychain.get('key')).toBe('secret')
    await keychain.delete('key')
    expect(await keychain.get('key')).toBeUndefined()
  })

  it('loads nothing before it is asked', async () => {
    const load = vi.fn(async () => keyring())
    const keychain = systemKeychain(load)
    expect(load).not.toHaveBeenCalled()
    await keychain.get('key')
    expect(load).toHaveBeenCalledOnce()
  })

  it('is out of reach where its package is of another version', async () => {
    await expect(systemKeychain(async () => ({ Entry: class {} })).get('key')).rejects.toThrow('another version')
  })

  it('is out of reach where nobody unlocks it within a minute', async () => {
    vi.useFakeTimers()
    class Locked {
      getPassword = () => new Promise<never>(() => {})
    }
    const asked = systemKeychain(async () => ({ AsyncEntry: Locked })).get('key')
    const refused = expect(asked).rejects.toThrow('it may be locked')
    await vi.advanceTimersByTimeAsync(60_000)
    await refused
  })
})
