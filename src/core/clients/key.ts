import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Config } from '../config/schema.ts'
import type { Secret } from '../secrets/secret.ts'
import { fits } from '../text/wildcard.ts'

/** A client's key, as byok knows it: by its hash alone. */
export interface ClientKey {
  /** Its name in usage, budgets and logs. */
  label: string
  /** SHA-256 of the key. */
  digest: Buffer
  /** May administer byok: `/ui` with config, logins and keys, `/metrics`, `/health?verbose`. */
  admin: boolean
  /** The models it may ask for; see {@link modelMatches}. Absent: all. */
  models?: readonly string[]
  budget?: Config['server']['keys'][number]['budget']
  /** Unix milliseconds from which it does no longer work. */
  expiresAt?: number
}

/** How a config, or the file of created keys, writes a key's hash. */
const HASHED = /^sha256:([0-9a-f]{64})$/i

/** A new key: 256 bits of chance, so that its plain hash cannot be guessed backwards. */
export function generateKey(): string {
  return `byok_${randomBytes(32).toString('base64url')}`
}

export function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}

export function hashText(key: string): string {
  return `sha256:${digestOf(key).toString('hex')}`
}

/** The digest that `sha256:…` names; `undefined` for any other text. */
export function readHash(text: string): Buffer | undefined {
  const hex = HASHED.exec(text)?.[1]
  return hex === undefined ? undefined : Buffer.from(hex, 'hex')
}

/** Characters of a key, 64 bits of chance where they are hexadecimal: one of fewer may be found by trying. */
const SHORTEST_KEY = 16

/** Whether a key of config is so short that others may guess it. Of one that is hashed nobody knows. */
export function isGuessable(key: Secret): boolean {
  const text = key.reveal()
  return readHash(text) === undefined && text.length < SHORTEST_KEY
}

/** Both are SHA-256, so of one length; takes the same time wherever they differ. */
export function sameDigest(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(a, b)
}

/** The first of config's keys that is written out, for byok's own commands and the tools they set up. */
export function plainKeyOf({ server }: Pick<Config, 'server'>): Secret | undefined {
  return server.keys.find(({ key }) => readHash(key.reveal()) === undefined)?.key
}

/** Whether a name is one that a key's `models` allows: `*` stands for any text, and case does not matter. */
export function modelMatches(patterns: readonly string[], ...names: string[]): boolean {
  return patterns.some((pattern) => names.some((name) => fits(pattern.toLowerCase(), name.toLowerCase())))
}
