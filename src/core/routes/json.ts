import { invalidRequest } from '../chat/index.ts'

/** Objects and arrays within each other; what people send has a dozen or two. What is recursive downstream stays far from its limit. */
const MAX_DEPTH = 256
/** A text longer than this is looked over before it is parsed: the parser itself takes half a microsecond a level. */
const LARGE = 256 * 1024

/**
 * Parses a client's JSON.
 * @throws {ChatError} 400 where it is none, or nested too deep.
 */
export function parseClientJson(text: string): unknown {
  if (text.length > LARGE && isTextTooDeep(text)) throw tooDeep()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const hint = text.trim() === '' ? 'it is empty' : 'it is not valid JSON'
    throw invalidRequest(`We could not parse the JSON body of your request: ${hint}.`)
  }
  if (isTooDeep(value)) throw tooDeep()
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

const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 91, 93, 123, 125]

function isTextTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth--
  }
  return false
}

/** Where the string that begins at `start` has its closing quote. Nearly all of a large text is in strings, so they are leapt over. */
function endOfString(text: string, start: number): number {
  let end = start
  do {
    end = text.indexOf('"', end + 1)
    if (end === -1) return text.length
  } while (isEscaped(text, end))
  return end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}
