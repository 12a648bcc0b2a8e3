import { isAscii } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { isObject } from '../json.ts'
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, endOfString, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from '../json-bytes.ts'

/** A text longer than this is taken out of the JSON around it before that is parsed. */
const LONG_TEXT = 64 * 1024

/** JSON with names in the place of its long texts. */
export interface Outline {
  json: string
  /** The texts, by their names. */
  texts?: ReadonlyMap<string, string>
}

/**
 * What is left of JSON without its long texts, which in requests are images and other files. To decode all of it, and then to have
 * each text read and copied by the parser, took a third of the processor's time of a request of 20 MB.
 *
 * What it leaves in, the parser judges. A text that it takes out is only known to have no escapes in it: a control character, which
 * JSON wants to be escaped, is let pass.
 *
 * @returns `undefined` where objects and arrays are nested more than `maxDepth` levels deep
 */
export function outlineOf(bytes: Buffer, maxDepth: number): Outline | undefined {
  // No client can know it, so that none of its own texts is taken for a name.
  const call = randomUUID()
  const texts = new Map<string, string>()
  const parts: string[] = []
  let taken = 0
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at]
    if (code === QUOTE) {
      const start = at + 1
      at = endOfString(bytes, at)
      if (at - start <= LONG_TEXT || !isPlainValue(bytes, start, at)) continue
      const name = `${call} ${texts.size}`
      texts.set(name, decode(bytes.subarray(start, at)))
      parts.push(decode(bytes.subarray(taken, start)), name)
      taken = at
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++depth > maxDepth) return undefined
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth--
  }
  parts.push(decode(bytes.subarray(taken)))
  return { json: parts.join(''), texts }
}

/**
 * Parses an outline to what the whole JSON stands for.
 * @throws SyntaxError where it is none
 */
export function parseOutline({ json, texts }: Outline): unknown {
  const value: unknown = JSON.parse(json)
  return texts?.size ? withTexts(value, texts) : value
}

/** By a walk of its own: the parser's `reviver` takes ten times as long where there are many values. */
function withTexts(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return texts.get(value) ?? value
  if (Array.isArray(value)) {
    const items: unknown[] = value
    for (let at = 0; at < items.length; at++) if (mayHoldText(items[at])) items[at] = withTexts(items[at], texts)
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) if (mayHoldText(value[name])) value[name] = withTexts(value[name], texts)
  }
  return value
}

function mayHoldText(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
}

/** Whether a string with its quote at `end` has no escapes, and is no key. */
function isPlainValue(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[end] !== QUOTE || bytes.subarray(start, end).includes('\\')) return false
  let next = end + 1
  while (SPACES.has(bytes[next] ?? 0)) next++
  return bytes[next] !== COLON
}

/** What JSON allows between its parts: space, tab, line feed and carriage return. */
const SPACES = new Set([32, 9, 10, 13])

/** ASCII is not decoded, only copied. */
function decode(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')
}
