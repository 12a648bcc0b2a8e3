import { isAscii } from 'node:buffer'
import { invalidRequest } from '../chat/index.ts'
import { outlineOf, parseOutline } from './large-json.ts'

/** Objects and arrays within each other; what people send has a dozen or two. What is recursive downstream stays far from its limit. */
const MAX_DEPTH = 256
/**
 * More values than a request has use for: embeddings of texts in tokens have the most, of which OpenAI takes 300,000 (openai-node
 * src/resources/embeddings.ts, `EmbeddingCreateParams`). The parser takes a microsecond for each, and nothing else is done meanwhile: 64 MB of `{},` took half a minute.
 */
const MAX_VALUES = 2_000_000
/**
 * More bytes are not parsed as one text, which V8 takes memory for from the system once it is over 128 KB; what is nested too deep is
 * found before then, for the parser itself takes half a microsecond a level.
 */
const LARGE = 128 * 1024
/** A text with one character beyond ASCII takes two bytes for each. */
const LARGE_IN_WIDE = LARGE / 2

/**
 * Parses a client's JSON.
 * @throws {ChatError} 400 where it is none, nested too deep, or of too many values.
 */
export function parseClientJson(source: string | Buffer): unknown {
  if (isLarge(source)) return parseLarge(typeof source === 'string' ? Buffer.from(source) : source)
  const json = source.toString()
  const value = parsed(json, () => JSON.parse(json))
  if (isTooDeep(value)) throw tooDeep()
  return value
}

function isLarge(source: string | Buffer): boolean {
  if (source.length <= LARGE_IN_WIDE) return false
  return source.length > LARGE || (typeof source !== 'string' && !isAscii(source))
}

function parseLarge(bytes: Buffer): unknown {
  const outline = outlineOf(bytes, MAX_DEPTH, MAX_VALUES)
  if (outline === 'too deep') throw tooDeep()
  if (outline === 'too many') {
    throw invalidRequest(`The JSON body of your request has more than ${MAX_VALUES} values in it.`)
  }
  return parsed(outline.json, () => parseOutline(outline))
}

function parsed(json: string, parse: () => unknown): unknown {
  try {
    return parse()
  } catch {
    const hint = json.trim() === '' ? 'it is empty' : 'it is not valid JSON'
    throw invalidRequest(`We could not parse the JSON body of your request: ${hint}.`)
  }
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
