import { createHmac } from 'node:crypto'
import { sameDigest } from './key.ts'
import type { ClientKey } from './key.ts'

/** Milliseconds for which a session is good. */
export const SESSION_LIFETIME = 12 * 3_600_000

/** A browser that may administer byok. */
export interface AdminSession {
  /** The key it was opened with; `undefined` where that it is on this machine was enough. */
  client?: ClientKey
}

/** Until when, the label of a key, and what signs them. */
const TOKEN = /^([0-9a-z]{1,11})\.([\w-]*)\.([\w-]{43})$/

/**
 * Sessions of browsers. None is kept: a token says itself what it is for and until when, signed with a key that all processes of one
 * home share, so that whichever of them is asked knows it.
 */
export class AdminSessions {
  readonly #key: () => Buffer
  readonly #now: () => number
  #read: Buffer | undefined

  /** @param key read with the first session */
  constructor(key: () => Buffer, now: () => number = Date.now) {
    this.#key = key
    this.#now = now
  }

  /** Begins a session. @param client whose key it was opened with @returns its token */
  open(client?: ClientKey): string {
    const until = (this.#now() + SESSION_LIFETIME).toString(36)
    const label = Buffer.from(client?.label ?? '').toString('base64url')
    return `${until}.${label}.${this.#sign(until, label, client).toString('base64url')}`
  }

  /**
   * A token's session, if that goes on.
   * @param keysOf the keys of a label. A session ends with its key; another of the same label does not bring it back.
   */
  find(token: string, keysOf: (label: string) => readonly ClientKey[]): AdminSession | undefined {
    const [, until = '', label = '', signature = ''] = TOKEN.exec(token) ?? []
    if (signature === '') return undefined
    const keys = label === '' ? [undefined] : keysOf(Buffer.from(label, 'base64url').toString())
    const signed = Buffer.from(signature, 'base64url')
    const at = keys.findIndex((key) => sameDigest(signed, this.#sign(until, label, key)))
    if (at === -1 || Number.parseInt(until, 36) <= this.#now()) return undefined
    const client = keys[at]
    return client ? { client } : {}
  }

  #sign(until: string, label: string, client: ClientKey | undefined): Buffer {
    const signing = createHmac('sha256', (this.#read ??= this.#key())).update(`byok_admin.${until}.${label}.`)
    return (client ? signing.update(client.digest) : signing).digest()
  }
}
