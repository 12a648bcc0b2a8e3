import type { Extra } from '../../chat/index.ts'

export { compact } from '../compact.ts'

export type JsonObject = Record<string, unknown>

/** The name of the wire format, for clients and providers alike. */
export const PROTOCOL = 'anthropic-messages'

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value where it is text with something in it. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Adds to `known` what `extra` holds beside it, objects field by field. Where both name a field, `known` wins. */
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

/** What JSON text stands for; `undefined` where it is none. */
export function parseJson(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
