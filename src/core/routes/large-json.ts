import { isAscii } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { isObject } from '../json/json.ts'
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfString,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from '../json/json-bytes.ts'

/** A text of more bytes is taken out of the JSON around it before that is parsed. */
const LONG_TEXT = 64 * 1024
/** Items of an array that come to so many bytes are parsed by themselves. */
const RUN = 32 * 1024

/** JSON with names in the place of its long texts, and of the items of its long arrays. */
export interface Outline {
  json: string
  /** The texts, by their names. */
  texts: ReadonlyMap<string, string>
  /** The items, by the name that stands for all of an array's: runs of them as JSON, without the commas between one run and the next. */
  arrays: ReadonlyMap<string, string[]>
}

/**
 * What is left of JSON without its long texts, which in requests are images and other files, and without the items of the long arrays of
 * the object that it is: a conversation's messages, and tools. To decode all of a request of 20 MB, and then to have each text read and
 * copied by the parser, took a third of the processor's time of it. And V8 takes the memory of a text over 128 KB from the system,
 * and gives it back, each time anew: that of a request of 250 KB took a third of its time where the system is a virtual machine.
 *
 * What it leaves in, the parser judges. A text that it takes out is only known to have no escapes in it: a control character, which
 * JSON wants to be escaped, is let pass.
 *
 * @returns what is wrong where objects and arrays are nested more than `maxDepth` levels deep, or have more than `maxValues` in them
 */
export function outlineOf(bytes: Buffer, maxDepth: number, maxValues: number): Outline | 'too deep' | 'too many' {
  const cutter = new Cutter(bytes)
  let depth = 0
  let values = 0
  let inObject = false
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at]
    if (code === QUOTE) {
      const start = at + 1
      at = endOfString(bytes, at)
      if (at - start > LONG_TEXT && isPlainValue(bytes, start, at)) cutter.takeText(start, at)
    } else if (code === COMMA) {
      if (++values > maxValues) return 'too many'
      if (depth === 2) cutter.endItem(at)
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++values > maxValues) return 'too many'
      if (++depth > maxDepth) return 'too deep'
      if (depth === 1) inObject = code === OPEN_OBJECT
      if (depth === 2 && inObject && code === OPEN_ARRAY) cutter.openArray(at + 1)
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      if (--depth === 1) cutter.closeArray(at)
    }
  }
  return cutter.end()
}

/** Cuts JSON into an {@link Outline}. */
class Cutter {
  readonly #bytes: Buffer
  /** No client can know it, so that none of its own texts is taken for a name. */
  readonly #call = randomUUID()
  readonly #texts = new Map<string, string>()
  readonly #arrays = new Map<string, string[]>()
  /** What was cut so far of the run, or of what is around all arrays. */
  #parts: string[] = []
  /** Up to where the bytes are in it. */
  #taken = 0
  /** The array that is open: what is around it, where its run began, and the runs before. */
  #open: { around: string[]; start: number; runs: string[] } | undefined

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  takeText(start: number, end: number): void {
    const name = this.#newName()
    this.#texts.set(name, decode(this.#bytes.subarray(start, end)))
    this.#take(start)
    this.#parts.push(name)
    this.#taken = end
  }

  openArray(at: number): void {
    this.#take(at)
    this.#open = { around: this.#parts, start: at, runs: [] }
    this.#parts = []
  }

  /** @param at where the comma is that follows the item */
  endItem(at: number): void {
    const open = this.#open
    if (!open || at - open.start < RUN) return
    open.runs.push(this.#endRun(at))
    open.start = this.#taken = at + 1
  }

  /** @param at where the bracket is */
  closeArray(at: number): void {
    const open = this.#open
    if (!open) return
    this.#open = undefined
    const last = this.#endRun(at)
    this.#parts = open.around
    if (open.runs.length === 0) {
      this.#parts.push(last)
      return
    }
    const name = this.#newName()
    this.#arrays.set(name, [...open.runs, last])
    this.#parts.push(`"${name}"`)
  }

  end(): Outline {
    this.#take(this.#bytes.length)
    // Of an array that nobody closes the parser sees as much as shows it that way.
    return { json: [...(this.#open?.around ?? []), ...this.#parts].join(''), texts: this.#texts, arrays: this.#arrays }
  }

  #newName(): string {
    return `${this.#call} ${this.#texts.size + this.#arrays.size}`
  }

  #take(end: number): void {
    this.#parts.push(decode(this.#bytes.subarray(this.#taken, end)))
    this.#taken = end
  }

  #endRun(end: number): string {
    this.#take(end)
    const run = this.#parts.join('')
    this.#parts = []
    return run
  }
}

/**
 * Parses an outline to what the whole JSON stands for.
 * @throws SyntaxError where it is none
 */
export function parseOutline({ json, texts, arrays }: Outline): unknown {
  const value: unknown = JSON.parse(json)
  const items = new Map([...arrays].map(([name, runs]) => [name, runs.flatMap(parseRun)]))
  if (isObject(value)) {
    for (const name of Object.keys(value)) value[name] = itemsNamed(value[name], items) ?? value[name]
  }
  return texts.size > 0 ? withTexts(value, texts) : value
}

function parseRun(run: string): unknown[] {
  const items: unknown = JSON.parse(`[${run}]`)
  // Between two commas, or a comma and the end, there must be something.
  if (!Array.isArray(items) || items.length === 0) throw new SyntaxError('an item is missing')
  return items
}

/** What stands for an array is one that holds its name alone. */
function itemsNamed(value: unknown, items: ReadonlyMap<string, unknown[]>): unknown[] | undefined {
  const name: unknown = Array.isArray(value) && value.length === 1 ? value[0] : undefined
  return typeof name === 'string' ? items.get(name) : undefined
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
