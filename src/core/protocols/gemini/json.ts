export { compact } from '../compact.ts'

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value where it is text with something in it. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The objects of a list; empty where it is none. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
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

/**
 * Adds to `known` what `extra` holds beside it. `extra` mirrors the wire's nesting, so objects are merged; where both name a
 * field, `known` wins.
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

/** Of `extra` the fields among `names`. */
export function pick(extra: JsonObject | undefined, names: ReadonlySet<string>): JsonObject | undefined {
  let own: JsonObject | undefined
  for (const name in extra) if (names.has(name)) (own ??= {})[name] = extra[name]
  return own
}
