import { isObject } from '../json/json.ts'

/** Shorter words would be found in harmless text. */
const SHORTEST = 8
const MOST_KNOWN = 500
/** So many are looked for one by one as fast as all of them at once. */
const FEW = 32
/** The secrets of this process that were made or used last, so that they can be found in what somebody else wrote. */
const known = new Set<string>()
/** It stands last already, as the key of whoever has one: to put it there again would have the set take new tables all the time. */
let newest = ''
/** How many of them begin with {@link SHORTEST} characters of this hash. */
const starts = new Map<number, number>()

const BASE = 31
/** What a character counts in the hash once it is the first of so many. */
const OLDEST = Array.from({ length: SHORTEST - 1 }).reduce<number>((power) => Math.imul(power, BASE), 1)

interface KnownSecrets {
  remember(value: string): void
  holds(text: string): boolean
  without(text: string): string
}

/** What all copies of byok in a process know, such as that of a plugin whose login makes tokens and the one that writes the log. */
const shared = ofAllCopies({ remember, holds, without })

export function rememberSecret(value: string): void {
  shared.remember(value)
}

/** Whether a text has a secret of this process in it. */
export function holdsSecret(text: string): boolean {
  return shared.holds(text)
}

/** A text without any secret that this process holds. */
export function withoutSecrets(text: string): string {
  return shared.without(text)
}

/** Those of the copy that came first. They are functions, so that nothing that prints the global object prints a secret. */
function ofAllCopies(own: KnownSecrets): KnownSecrets {
  const mark = Symbol.for('byok.known-secrets')
  const first: unknown = Reflect.get(globalThis, mark)
  if (isKnownSecrets(first)) return first
  Object.defineProperty(globalThis, mark, { value: own })
  return own
}

function isKnownSecrets(value: unknown): value is KnownSecrets {
  return isObject(value) && ['remember', 'holds', 'without'].every((name) => typeof value[name] === 'function')
}

function remember(value: string): void {
  if (value.length < SHORTEST || value === newest) return
  newest = value
  const isNew = !known.delete(value)
  known.add(value)
  if (!isNew) return
  count(value, 1)
  const [oldest] = known
  if (known.size > MOST_KNOWN && oldest !== undefined) {
    known.delete(oldest)
    count(oldest, -1)
  }
}

function holds(text: string): boolean {
  if (!mayHoldKnown(text)) return false
  for (const value of known) if (text.includes(value)) return true
  return false
}

function without(text: string): string {
  if (!mayHoldKnown(text)) return text
  let clean = text
  for (const value of known) if (clean.includes(value)) clean = clean.replaceAll(value, '[secret]')
  return clean
}

/**
 * Whether a secret may begin somewhere in a text, by a hash that rolls over it (Rabin and Karp). To look for each of hundreds in
 * each line of the log took a tenth of a request.
 */
function mayHoldKnown(text: string): boolean {
  if (known.size <= FEW) return true
  let hash = 0
  for (let at = 0; at < text.length; at++) {
    if (at >= SHORTEST) hash -= Math.imul(text.charCodeAt(at - SHORTEST), OLDEST)
    hash = withNext(hash, text.charCodeAt(at))
    if (at >= SHORTEST - 1 && starts.has(hash)) return true
  }
  return false
}

function count(value: string, change: number): void {
  let hash = 0
  for (let at = 0; at < SHORTEST; at++) hash = withNext(hash, value.charCodeAt(at))
  const now = (starts.get(hash) ?? 0) + change
  if (now > 0) starts.set(hash, now)
  else starts.delete(hash)
}

function withNext(hash: number, character: number): number {
  return (Math.imul(hash, BASE) + character) | 0
}
