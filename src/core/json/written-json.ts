import { isObject } from './json.ts'

/** An array of more items is written item by item. */
const MANY = 8
/** Levels of objects in which such an array is looked for: some providers wrap a request into others. */
const LEVELS = 3
/** Characters that are written at once: V8 takes the memory of a text over 128 KB from the system, and gives it back, each time anew. */
const PIECE = 32 * 1024

/** A JSON object as text, or as bytes where it holds a long array, as a conversation does. */
export function writtenJson(value: object): string | Uint8Array<ArrayBuffer> {
  if (!holdsMany(value, LEVELS)) return JSON.stringify(value)
  const pieces = new Pieces()
  writeMany(value, LEVELS, pieces)
  return pieces.end()
}

function holdsMany(value: unknown, levels: number): boolean {
  if (Array.isArray(value)) return value.length > MANY
  return levels > 0 && isPlain(value) && Object.values(value).some((field) => holdsMany(field, levels - 1))
}

/** What holds a long array: is one, or leads to one. */
function writeMany(value: unknown, levels: number, pieces: Pieces): void {
  if (Array.isArray(value)) writeItems(value, pieces)
  else if (isObject(value)) writeFields(value, levels - 1, pieces)
}

function writeItems(items: unknown[], pieces: Pieces): void {
  let before = '['
  for (const item of items) {
    pieces.add(before + (JSON.stringify(item) ?? 'null'))
    before = ','
  }
  pieces.add(']')
}

function writeFields(fields: Record<string, unknown>, levels: number, pieces: Pieces): void {
  let before = '{'
  for (const [name, field] of Object.entries(fields)) {
    const start = `${before}${JSON.stringify(name)}:`
    if (holdsMany(field, levels)) {
      pieces.add(start)
      writeMany(field, levels, pieces)
    } else {
      const json: string | undefined = JSON.stringify(field)
      // What JSON has no word for stands in no object.
      if (json === undefined) continue
      pieces.add(start + json)
    }
    before = ','
  }
  pieces.add('}')
}

/** What says itself how it is written is asked for it. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && typeof value['toJSON'] !== 'function'
}

class Pieces {
  #text = ''
  readonly #bytes: Buffer[] = []

  add(text: string): void {
    this.#text += text
    if (this.#text.length > PIECE) this.#encode()
  }

  end(): Uint8Array<ArrayBuffer> {
    this.#encode()
    return Buffer.concat(this.#bytes)
  }

  #encode(): void {
    this.#bytes.push(Buffer.from(this.#text))
    this.#text = ''
  }
}
