import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * Where a reference leads within its document, name by name, as a pointer in a URI's fragment has it (RFC 6901, section 6). `undefined` where it
 * leads out of it.
 */
export function stepsOf(reference: string): string[] | undefined {
  const [document, ...steps] = reference.split('/')
  return document === '#' ? steps.map(unescaped) : undefined
}

/** The schema at the end of those steps. */
export function schemaAt(steps: readonly string[], root: JsonObject): JsonObject | undefined {
  const found = steps.reduce<unknown>(within, root)
  return isObject(found) ? found : undefined
}

/** The schema that a reference within its document names. */
export function referred(reference: string, root: JsonObject): JsonObject | undefined {
  const steps = stepsOf(reference)
  return steps && schemaAt(steps, root)
}

function within(at: unknown, step: string): unknown {
  if (Array.isArray(at)) return at[Number(step)]
  return isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined
}

/** Of a percent sign alone, as names that nobody encoded have it, `decodeURIComponent` throws. */
function unescaped(step: string): string {
  return step
    .replaceAll(/(?:%[\da-f]{2})+/gi, decoded)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
}

function decoded(bytes: string): string {
  return Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8')
}
