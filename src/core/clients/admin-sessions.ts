import { randomBytes } from 'node:crypto'
import { digestOf, sameDigest } from './key.ts'

/** Milliseconds after its last use for which a session is good. */
export const SESSION_LIFETIME = 12 * 3_600_000
const MOST_SESSIONS = 100

/** A browser that may administer byok. */
export interface AdminSession {
  /** The label of the key it was opened with; `undefined` where that it is on this machine was enough. */
  client?: string
}

/** Sessions of browsers. They are in memory alone, by their hashes: a restart ends them. */
export class AdminSessions {
  readonly #now: () => number
  readonly #sessions: { digest: Buffer; until: number; session: AdminSession }[] = []

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Begins a session. @returns its token */
  open(session: AdminSession): string {
    const token = randomBytes(32).toString('base64url')
    this.#sessions.push({ digest: digestOf(token), until: this.#now() + SESSION_LIFETIME, session })
    if (this.#sessions.length > MOST_SESSIONS) this.#sessions.shift()
    return token
  }

  /** A token's session, if that goes on; it goes on for longer then. */
  find(token: string): AdminSession | undefined {
    const digest = digestOf(token)
    const [found] = this.#sessions.filter((one) => sameDigest(one.digest, digest))
    if (!found || found.until <= this.#now()) return undefined
    found.until = this.#now() + SESSION_LIFETIME
    return found.session
  }
}
