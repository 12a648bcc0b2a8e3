/** A JSON object off the wire, whose shape the checks are there to find out. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = Record<string, any>

/**
 * The list; empty where there is none. One object alone is a list of one to Google: @ai-sdk/google 1 sends `tools` so
 * (`google-prepare-tools.ts`).
 */
export function listOf(value: unknown): Json[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [value]
  return Array.isArray(value) ? (value as Json[]) : []
}

/** The objects that stand under `name` in the objects of a list, lists of them flattened. */
export function under(list: unknown, name: string): Json[] {
  return listOf(list).flatMap((item) => {
    const value: unknown = item[name]
    return value === undefined ? [] : Array.isArray(value) ? listOf(value) : [value as Json]
  })
}
