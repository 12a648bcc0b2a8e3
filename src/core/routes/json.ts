import { invalidRequest } from '../chat/index.ts'
import { outlineOf, parseOutline } from './large-json.ts'

/** Objects and arrays within each other; what people send has a dozen or two. What is recursive downstream stays far from its limit. */
const MAX_DEPTH = 256
/** From this size on, what is nested too deep is found before it is parsed: the parser itself takes half a microsecond a level. */
const LARGE = 256 * 1024

/**
 * Parses a client's JSON.
 * @throws {ChatError} 400 where it is none, or nested too deep.
 */
export function parseClientJson(source: string | Buffer): unknown {
  const isLarge = source.length > LARGE
  const outline = isLarge
    ? outlineOf(typeof source === 'string' ? Buffer.from(source) : source, MAX_DEPTH)
    : { json: source.toString() }
  if (!outline) throw tooDeep()
  let value: unknown
  try {
    value = parseOutline(outline)
  } catch {
    const hint = outline.json.trim() === '' ? 'it is empty' : 'it is not valid JSON'
    throw invalidRequest(`We could not parse the JSON body of your request: ${hint}.`)
  }
  if (!isLarge && isTooDeep(value)) throw tooDeep()
  return value
}

function tooDeep() {
  return invalidRequest(`The JSON body of your request is nested more than ${MAX_DEPTH} levels deep.`)
}

/** Without recursion, which is what is to be guarded against. */
function isTooDeep(value: unknown): boolean {
  let level: object[] = isNested(value) ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true
    const next: object[] = []
    for (const parent of level) {
      for (const child of Array.isArray(parent) ? (parent as unknown[]) : Object.values(parent)) {
        if (isNested(child)) next.push(child)
      }
    }
    level = next
  }
  return false
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
