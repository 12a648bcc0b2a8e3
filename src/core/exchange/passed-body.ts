import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, endOfString, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from '../json/json-bytes.ts'

/*
 * A body that passes through goes to the provider word for word, but for the model's name: numbers keep all of their digits, and a
 * request with many images is not written anew.
 */

/** Bodies of clients as they were sent, by what was read of them. */
const sources = new WeakMap<object, Buffer>()

/** Keeps what a body was read from, for as long as somebody has the body. */
export function keepSource(body: Record<string, unknown>, bytes: Buffer): void {
  sources.set(body, bytes)
}

/**
 * The client's own bytes with another model named in them; `undefined` where the body was not read from bytes, or readers may
 * understand them in different ways: one key twice, or spelled with escapes.
 *
 * @param body as it was read, nothing changed in it; its `model` is text
 * @param more fields besides; `undefined` too where the body has one of them
 */
export function passedBytes(
  body: Record<string, unknown>,
  model: string,
  more?: Record<string, unknown>,
): Uint8Array | undefined {
  const bytes = sources.get(body)
  const place = bytes && modelIn(bytes, Object.keys(body).length)
  if (!bytes || !place) return undefined
  let named = JSON.stringify(model)
  for (const name in more) {
    if (name in body) return undefined
    named += `,${JSON.stringify(name)}:${JSON.stringify(more[name])}`
  }
  return Buffer.concat([bytes.subarray(0, place.start), Buffer.from(named), bytes.subarray(place.end)])
}

/**
 * Where the value of the object's `model` is.
 * @param bytes of valid JSON: one object with so many keys
 */
function modelIn(bytes: Buffer, count: number): { start: number; end: number } | undefined {
  let place: { start: number; end: number } | undefined
  let depth = 0
  let keys = 0
  let key = ''
  let atKey = false
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at]
    if (code === QUOTE) {
      const end = endOfString(bytes, at)
      if (depth === 1 && atKey) {
        key = bytes.toString('latin1', at + 1, end)
        atKey = false
        if (key.includes('\\') || ++keys > count) return undefined
      } else if (depth === 1 && key === 'model') place = { start: at, end: end + 1 }
      at = end
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) atKey = ++depth === 1
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--
    else if (code === COMMA && depth === 1) atKey = true
  }
  return keys === count ? place : undefined
}
