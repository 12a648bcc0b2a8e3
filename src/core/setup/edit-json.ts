import { isDeepStrictEqual } from 'node:util'
import { applyEdits, modify, parse } from 'jsonc-parser'
import type { JSONPath, ParseError } from 'jsonc-parser'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
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
  const now: unknown = parse(text, faults, { allowTrailingComma: true })
  if (faults.length > 0) throw new UnreadableSettings('it is no valid JSON')
  if (!isObject(now)) throw new UnreadableSettings('it is no JSON object')
  return now
}

/** Edits a JSON file so that it says this, and no more of it than that takes. */
export function rewriteJson(text: string, wanted: JsonObject): string {
  const now = jsonOf(text)
  if (Object.keys(now).length === 0 && !/\/[/*]/.test(text)) return `${JSON.stringify(wanted, undefined, 2)}\n`
  return rewritten(text, now, wanted, [])
}

function rewritten(text: string, now: JsonObject, wanted: JsonObject, path: JSONPath): string {
  const gone = Object.keys(now).filter((name) => !Object.hasOwn(wanted, name))
  for (const name of gone) text = withValue(text, [...path, name], undefined)
  for (const [name, value] of Object.entries(wanted)) {
    const mine = now[name]
    if (isDeepStrictEqual(mine, value)) continue
    text =
      isObject(mine) && isObject(value)
        ? rewritten(text, mine, value, [...path, name])
        : withValue(text, [...path, name], value)
  }
  return text
}

function withValue(text: string, path: JSONPath, value: unknown): string {
  const [, indent = '  '] = /^([ \t]+)\S/m.exec(text) ?? []
  const formattingOptions = { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol: '\n' }
  return applyEdits(text, modify(text, path, value, { formattingOptions }))
}

function merge(now: JsonObject, settings: JsonObject): JsonObject {
  const merged = { ...now }
  for (const [name, value] of Object.entries(settings)) {
    const mine = merged[name]
    merged[name] = isObject(mine) && isObject(value) ? merge(mine, value) : value
  }
  return merged
}
