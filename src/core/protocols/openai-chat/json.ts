import type { Extra } from '../../chat/index.ts'

export { compact } from '../compact.ts'

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value where it is text with something in it. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * Adds to `known` what `extra` holds beside it. `extra` mirrors the wire's nesting (`{ function: { … } }`), so objects are
 * merged; where both name a field, `known` wins, for it is what may have been changed since.
 */
export function withExtra(known: JsonObject, extra: Extra | undefined): JsonObject {
  if (!extra) return known
  const merged = { ...known }
  for (const [key, value] of Object.entries(extra)) {
    const mine = merged[key]
    if (mine === undefined) merged[key] = value
    else if (isObject(mine) && isObject(value)) merged[key] = withExtra(mine, value)
  }
  return merged
}
