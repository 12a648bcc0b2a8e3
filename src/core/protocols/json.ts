import { isObject, parseJson, parseObject } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'

export { isObject, listOf, objects, parseJson, parseObject, type JsonObject } from '../json/json.ts'

/** The value where it is text with something in it. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * The object that a message of a stream holds.
 *
 * @param unexpected makes the error for what is none
 */
export function messageOf(data: string, unexpected: (what: string) => Error): JsonObject {
  const value = parseJson(data)
  if (isObject(value)) return value
  throw unexpected(value === undefined ? 'a stream event that is no JSON' : 'a stream event that is no JSON object')
}

/** The object that begins there in a text; no word in it may have a brace, as in counts there is none. */
export function objectAt(text: string, start: number): JsonObject | undefined {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return parseObject(text.slice(start, at + 1))
  }
  return undefined
}

/** The value where it is a number that can be counted with. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The texts in a list; none of what is no list. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

/** The object without its `undefined` fields; itself where it has none. To `delete` them would make it slow for good. */
export function compact<T extends object>(object: T): T {
  for (const key in object) if (object[key] === undefined) return withoutUndefined(object)
  return object
}

function withoutUndefined<T extends object>(object: T): T {
  const compacted: Partial<T> = {}
  for (const key in object) if (object[key] !== undefined) compacted[key] = object[key]
  // Fields that may be left out are the only ones that can be undefined.
  return compacted as T
}

/** The fields of `object` that are not among `known`; `undefined` where there are none. */
export function rest(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let left: JsonObject | undefined
  for (const name in object) {
    const value = object[name]
    if (!known.has(name) && value !== undefined && value !== null) (left ??= {})[name] = value
  }
  return left
}

/** Of `extra` the fields among `names`. */
export function pick(extra: JsonObject | undefined, names: ReadonlySet<string>): JsonObject | undefined {
  let own: JsonObject | undefined
  for (const name in extra) if (names.has(name)) (own ??= {})[name] = extra[name]
  return own
}

/**
 * Adds to `known` what `extra` holds beside it. `extra` mirrors the wire's nesting (`{ function: { … } }`), so objects are
 * merged; where both name a field, `known` wins, for it is what may have been changed since.
 */
export function withExtra(known: JsonObject, extra: JsonObject | undefined): JsonObject {
  if (!extra) return known
  const merged = { ...known }
  for (const [key, value] of Object.entries(extra)) {
    const mine = merged[key]
    if (mine === undefined) merged[key] = value
    else if (isObject(mine) && isObject(value)) merged[key] = withExtra(mine, value)
  }
  return merged
}
