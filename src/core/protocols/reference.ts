import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'

/** The schema that a reference within its document names, as a pointer in a URI's fragment (RFC 6901, section 6). */
export function referred(reference: string, root: JsonObject): JsonObject | undefined {
  const [document, ...steps] = reference.split('/')
  if (document !== '#') return undefined
  const found = steps.map(unescaped).reduce<unknown>(within, root)
  return isObject(found) ? found : undefined
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
