/** A JSON object, of whose fields nothing is known yet. */
export type JsonObject = Record<string, unknown>

/** Whether it is an object, and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The list as it is; empty where it is none. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** The objects of a list; empty where it is none. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** What JSON text stands for; `undefined` where it is none. */
export function parseJson(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

/** The object that JSON text stands for; `undefined` where it is none. */
export function parseObject(words: string): JsonObject | undefined {
  const value = parseJson(words)
  return isObject(value) ? value : undefined
}
