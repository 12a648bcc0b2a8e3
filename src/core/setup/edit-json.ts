import { isDeepStrictEqual } from 'node:util'
import { applyEdits, modify, parse } from 'jsonc-parser'
import type { FormattingOptions, JSONPath, ParseError } from 'jsonc-parser'
import { isObject } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import { UnreadableSettings } from './tool.ts'

/** Merges settings into a JSON file, objects into objects. Comments and all else that stands there stay. */
export function mergeJson(text: string, settings: JsonObject): string {
  return rewriteJson(text, merge(jsonOf(text), settings))
}

/**
 * The object in a JSON file, which may have comments and commas before brackets that close, as editors' settings do; an empty one
 * where there is none.
 * @throws {UnreadableSettings}
 */
export function jsonOf(text: string): JsonObject {
  if (text.trim() === '') return {}
  const faults: ParseError[] = []
  const now: unknown = parse(text.slice(markOf(text).length), faults, { allowTrailingComma: true })
  if (faults.length > 0) throw new UnreadableSettings('it is no valid JSON')
  if (!isObject(now)) throw new UnreadableSettings('it is no JSON object')
  return now
}

/**
 * Edits a JSON file so that it says this, and no more of it than that takes.
 * @throws {UnreadableSettings}
 */
export function rewriteJson(text: string, wanted: JsonObject): string {
  const now = jsonOf(text)
  const mark = markOf(text)
  if (Object.keys(now).length === 0 && !/\/[/*]/.test(text)) return `${mark}${JSON.stringify(wanted, undefined, 2)}\n`
  const next = mark + rewritten(text.slice(mark.length), now, wanted, [], formatOf(text))
  // Of two of a name jsonc-parser edits the first, and tools read the last.
  if (!isDeepStrictEqual(jsonOf(next), wanted)) throw new UnreadableSettings('a setting to change stands in it twice')
  return next
}

/** The byte order mark of a file that has one, as editors on Windows write it. */
function markOf(text: string): string {
  return text.startsWith('\uFEFF') ? '\uFEFF' : ''
}

function rewritten(
  text: string,
  now: JsonObject,
  wanted: JsonObject,
  path: JSONPath,
  formattingOptions: FormattingOptions,
): string {
  const withValue = (name: string, value: unknown) =>
    applyEdits(text, modify(text, [...path, name], value, { formattingOptions }))
  const gone = Object.keys(now).filter((name) => !Object.hasOwn(wanted, name))
  for (const name of gone) text = withValue(name, undefined)
  for (const [name, value] of Object.entries(wanted)) {
    const mine = now[name]
    if (isDeepStrictEqual(mine, value)) continue
    text =
      isObject(mine) && isObject(value)
        ? rewritten(text, mine, value, [...path, name], formattingOptions)
        : withValue(name, value)
  }
  return text
}

/** How its owner indents it: what is written into a file of one line tells nothing of that. */
function formatOf(text: string): FormattingOptions {
  const [, indent = '  '] = /^([ \t]+)\S/m.exec(text) ?? []
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol: '\n' }
}

function merge(now: JsonObject, settings: JsonObject): JsonObject {
  const merged = { ...now }
  for (const [name, value] of Object.entries(settings)) {
    const mine = merged[name]
    merged[name] = isObject(mine) && isObject(value) ? merge(mine, value) : value
  }
  return merged
}
