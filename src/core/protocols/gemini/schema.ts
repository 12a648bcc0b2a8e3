import type { JsonSchema } from '../../chat/index.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { referred } from '../schema/reference.ts'
import { validSchema } from '../schema/valid.ts'

/**
 * Which schema language a field takes.
 *
 * - `json-schema`: `parametersJsonSchema`, `responseJsonSchema`. A subset of JSON Schema (GenerateContentConfig.responseJsonSchema
 *   in @google/genai lists it).
 * - `openapi`: `parameters`, `responseSchema`. The fields of `Schema`; any other is refused with `Unknown name "…"`. Cut
 *   further to what Antigravity's Claude models take (CLIProxyAPI internal/util/gemini_schema.go, `constraintKeywords`).
 */
export type SchemaDialect = 'json-schema' | 'openapi'

/** Keywords kept as they are; those with schemas inside are handled by name. */
const KEPT: Record<SchemaDialect, ReadonlySet<string>> = {
  'json-schema': new Set(['format', 'title', 'minItems', 'maxItems', 'minimum', 'maximum', 'propertyOrdering']),
  openapi: new Set(['propertyOrdering']),
}

/** Keywords that say nothing about values. `encrypted` has OpenAI encrypt what its model writes (openai/codex pull request 26210). */
const NO_MEANING = /^(\$schema|\$id|\$anchor|\$comment|\$vocabulary|\$defs|definitions|encrypted|x-.*)$/

/** Handled by name. */
const STRUCTURE = new Set([
  '$ref',
  'type',
  'description',
  'enum',
  'const',
  'items',
  'prefixItems',
  'properties',
  'required',
  'additionalProperties',
  'anyOf',
  'oneOf',
  'allOf',
  'nullable',
])

/**
 * Rewrites a JSON Schema into what Gemini takes. References are put in place (a recursive one is cut after one round), `allOf` is
 * merged, `const` becomes `enum`, `oneOf` becomes `anyOf`. What cannot be said is told in words in the description, so that the
 * model still reads it.
 */
export function geminiSchema(schema: JsonSchema, dialect: SchemaDialect): JsonObject {
  const valid = validSchema(schema)
  return new Rewriter(valid, dialect).rewrite(valid, [])
}

/** How many references are put in place: types that refer to each other would else grow without end. */
const MOST_REFERENCES = 200

class Rewriter {
  readonly #root: JsonSchema
  readonly #dialect: SchemaDialect
  #references = 0

  constructor(root: JsonSchema, dialect: SchemaDialect) {
    this.#root = root
    this.#dialect = dialect
  }

  /** @param refs The references being put in place around this schema. */
  rewrite(value: unknown, refs: readonly string[]): JsonObject {
    if (value === false) return { description: 'No value is valid here.' }
    if (!isObject(value)) return {}
    const { schema, refs: within, note } = this.#flatten(value, refs)
    const out: JsonObject = {}
    const notes: string[] = note === undefined ? [] : [note]
    this.#type(schema, out)
    this.#values(schema, out, notes)
    this.#bounds(schema, out, notes)
    for (const [keyword, content] of Object.entries(schema)) {
      if (STRUCTURE.has(keyword) || BOUNDS.has(keyword) || NO_MEANING.test(keyword)) continue
      if (KEPT[this.#dialect].has(keyword)) out[keyword] = content
      else if (keyword === 'title' && typeof content === 'string') notes.unshift(content)
      else notes.push(`${keyword}: ${inWords(content)}`)
    }
    this.#children(schema, out, notes, within)
    const described = [typeof schema['description'] === 'string' ? schema['description'] : '', inBrackets(notes)]
    const description = described.filter((part) => part !== '').join(' ')
    if (description !== '') out['description'] = description
    return this.#union(schema, out, within)
  }

  /** Puts references in place and merges `allOf`. */
  #flatten(value: JsonObject, refs: readonly string[]): { schema: JsonObject; refs: readonly string[]; note?: string } {
    const { $ref: ref, allOf, ...own } = value
    let schema: JsonObject = own
    let within = refs
    if (typeof ref === 'string') {
      const name = ref.split('/').at(-1) ?? ref
      const target = referred(ref, this.#root)
      if (!target) return { schema: own, refs, note: `as ${ref}` }
      if (refs.includes(ref) || ++this.#references > MOST_REFERENCES) {
        const type = target['type'] ?? 'object'
        return { schema: { type, ...own }, refs, note: `same shape as ${name} in it` }
      }
      within = [...refs, ref]
      const inner = this.#flatten(target, within)
      schema = { ...inner.schema, ...own }
      within = inner.refs
    }
    if (Array.isArray(allOf)) {
      for (const part of allOf) {
        if (!isObject(part)) continue
        const inner = this.#flatten(part, within)
        schema = merge(schema, inner.schema)
        within = inner.refs
      }
    }
    return { schema, refs: within }
  }

  #type(schema: JsonObject, out: JsonObject): void {
    const { type, nullable } = schema
    if (nullable === true && this.#dialect === 'openapi') out['nullable'] = true
    if (nullable === true && this.#dialect === 'json-schema' && typeof type === 'string') {
      out['type'] = [type, 'null']
    } else if (Array.isArray(type) && this.#dialect === 'openapi') {
      const types = type.filter((name) => name !== 'null')
      if (types.length < type.length) out['nullable'] = true
      if (types.length === 1) out['type'] = types[0]
      else if (types.length > 1) out['anyOf'] = types.map((name: unknown) => ({ type: name }))
    } else if (type !== undefined) out['type'] = type
    else if (isObject(schema['properties'])) out['type'] = 'object'
    else if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) out['type'] = 'array'
  }

  /** `enum` and `const`. Gemini takes text, and numbers in JSON Schema; `Schema` takes numbers as text. */
  #values(schema: JsonObject, out: JsonObject, notes: string[]): void {
    const values: unknown[] | undefined = 'const' in schema ? [schema['const']] : asList(schema['enum'])
    if (!values || values.length === 0) return
    const kept = values.filter((value) => value !== null)
    const texts = kept.every((value) => typeof value === 'string')
    const numbers = kept.every((value) => typeof value === 'number')
    if (kept.length < values.length && this.#dialect === 'openapi') out['nullable'] = true
    if (kept.length === 0 || !(texts || numbers) || (kept.length < values.length && this.#dialect === 'json-schema')) {
      notes.push(`one of: ${values.map((value) => JSON.stringify(value)).join(', ')}`)
      out['type'] ??= typeNames(kept)
      if (out['type'] === undefined) delete out['type']
      return
    }
    const words = this.#dialect === 'openapi' ? this.#wordsOf(kept, notes) : kept
    if (words.length > 0) out['enum'] = words
    out['type'] ??= texts ? 'string' : kept.every(Number.isInteger) ? 'integer' : 'number'
  }

  /** Values as `Schema` takes them, which is no empty text: "enum[3]: cannot be empty" (sbroenne/mcp-server-excel issue 607). */
  #wordsOf(values: unknown[], notes: string[]): string[] {
    const words = values.map(String)
    if (words.includes('')) notes.push('or empty')
    return words.filter((word) => word !== '')
  }

  /** Exclusive bounds: next to one for integers, in words for other numbers. */
  #bounds(schema: JsonObject, out: JsonObject, notes: string[]): void {
    const whole = out['type'] === 'integer'
    for (const [keyword, exclusive, step, words] of EXCLUSIVE) {
      const bound = schema[keyword]
      const strict = schema[exclusive]
      let limit = typeof bound === 'number' ? bound : undefined
      // Draft 4 says `exclusiveMinimum: true` beside `minimum`.
      const beyond = typeof strict === 'number' ? strict : strict === true ? limit : undefined
      if (beyond !== undefined) {
        const near = step > 0 ? Math.floor(beyond) + 1 : Math.ceil(beyond) - 1
        if (whole)
          limit =
            limit === undefined || strict === true ? near : step > 0 ? Math.max(limit, near) : Math.min(limit, near)
        else notes.push(`${words} ${beyond}`)
      }
      if (limit === undefined) continue
      if (KEPT[this.#dialect].has(keyword)) out[keyword] = limit
      else notes.push(`${keyword}: ${limit}`)
    }
  }

  #children(schema: JsonObject, out: JsonObject, notes: string[], refs: readonly string[]): void {
    const { properties, required, additionalProperties, items, prefixItems } = schema
    const names = isObject(properties) ? Object.keys(properties) : []
    if (isObject(properties) && (names.length > 0 || this.#dialect === 'json-schema')) {
      out['properties'] = Object.fromEntries(names.map((name) => [name, this.rewrite(properties[name], refs)]))
    }
    const needed = asList(required)?.filter((name) => typeof name === 'string') ?? []
    const declared = needed.filter((name) => names.includes(name))
    if (declared.length > 0) out['required'] = declared
    const others = needed.filter((name) => !names.includes(name))
    if (others.length > 0) notes.push(`also required: ${others.join(', ')}`)

    if (additionalProperties === false || isObject(additionalProperties)) {
      const inner = isObject(additionalProperties) ? this.rewrite(additionalProperties, refs) : false
      if (this.#dialect === 'json-schema') out['additionalProperties'] = inner
      else notes.push(inner === false ? 'no other properties' : `other properties: ${inWords(additionalProperties)}`)
    }

    const tuple = asList(prefixItems) ?? asList(items)
    if (tuple && this.#dialect === 'json-schema') {
      out['prefixItems'] = tuple.map((item) => this.rewrite(item, refs))
    } else if (tuple) {
      const forms = tuple.map((item) => this.rewrite(item, refs))
      notes.push(`items in order: ${inWords(tuple)}`)
      if (!isObject(items)) out['items'] = forms.length === 1 ? forms[0] : { anyOf: forms }
    }
    if (isObject(items)) out['items'] = this.rewrite(items, refs)
    // `Schema` refuses an array without them.
    else if (out['type'] === 'array' && this.#dialect === 'openapi') out['items'] ??= { type: 'string' }
  }

  /** `anyOf` and `oneOf`, which Gemini reads alike. */
  #union(schema: JsonObject, out: JsonObject, refs: readonly string[]): JsonObject {
    let whole = out
    for (const list of [asList(schema['anyOf']), asList(schema['oneOf'])]) {
      if (!list) continue
      const branches = list.map((branch) => this.rewrite(branch, refs))
      if (schema['nullable'] === true && !branches.some(({ type }) => type === 'null')) branches.push({ type: 'null' })
      const real = this.#dialect === 'openapi' ? branches.filter(({ type }) => type !== 'null') : branches
      if (real.length < branches.length) whole['nullable'] = true
      const [only] = real
      if (real.length === 1 && only) whole = mergeRewritten(whole, only)
      else if (whole['anyOf'] === undefined) whole['anyOf'] = real
      else whole = mergeRewritten(whole, { description: `(also one of: ${inWords(list)})` })
    }
    return whole
  }
}

const EXCLUSIVE = [
  ['minimum', 'exclusiveMinimum', 1, 'greater than'],
  ['maximum', 'exclusiveMaximum', -1, 'less than'],
] as const
const BOUNDS = new Set<string>(EXCLUSIVE.flatMap(([keyword, exclusive]) => [keyword, exclusive]))

/** Two schemas that both hold. Where they disagree the first one's word stands, and the other's is told. */
function merge(first: JsonObject, second: JsonObject, both = inAllOf): JsonObject {
  const out: JsonObject = { ...first }
  for (const [keyword, value] of Object.entries(second)) {
    const mine = out[keyword]
    if (mine === undefined || JSON.stringify(mine) === JSON.stringify(value)) out[keyword] = value
    else if (keyword === 'properties' && isObject(mine) && isObject(value))
      out[keyword] = mergeProperties(mine, value, both)
    else if (keyword === 'required' && Array.isArray(mine) && Array.isArray(value)) {
      out[keyword] = [...new Set([...(mine as unknown[]), ...(value as unknown[])])]
    } else if (keyword === 'enum' && Array.isArray(mine) && Array.isArray(value)) {
      out[keyword] = mine.filter((one) => value.includes(one))
    } else if (keyword === 'description') out[keyword] = `${inWords(mine)} ${inWords(value)}`
    else if (LOWER_WINS.has(keyword)) out[keyword] = Math.min(Number(mine), Number(value))
    else if (HIGHER_WINS.has(keyword)) out[keyword] = Math.max(Number(mine), Number(value))
    else if (keyword !== 'title' && !NO_MEANING.test(keyword)) {
      const said = typeof out['description'] === 'string' ? `${out['description']} ` : ''
      out['description'] = `${said}(and ${keyword}: ${inWords(value)})`
    }
  }
  return out
}

const LOWER_WINS = new Set(['maximum', 'maxLength', 'maxItems', 'maxProperties'])
const HIGHER_WINS = new Set(['minimum', 'minLength', 'minItems', 'minProperties'])

/** As {@link merge}, for schemas that are rewritten already and so may not get an `allOf`. */
function mergeRewritten(first: JsonObject, second: JsonObject): JsonObject {
  return merge(first, second, (a, b) => (isObject(a) && isObject(b) ? mergeRewritten(a, b) : (a ?? b)))
}

function inAllOf(a: unknown, b: unknown): unknown {
  return { allOf: [a, b] }
}

function mergeProperties(first: JsonObject, second: JsonObject, both: typeof inAllOf): JsonObject {
  const out: JsonObject = { ...first }
  for (const [name, value] of Object.entries(second))
    out[name] = Object.hasOwn(out, name) ? both(out[name], value) : value
  return out
}

function asList(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function typeNames(values: unknown[]): string | undefined {
  const names = new Set(values.map((value) => (typeof value === 'boolean' ? 'boolean' : typeof value)))
  const [only] = names
  return names.size === 1 && (only === 'boolean' || only === 'string' || only === 'number') ? only : undefined
}

/** The longest thing told in a description. */
const LONGEST_NOTE = 1000

function inWords(value: unknown): string {
  const words = typeof value === 'string' ? value : JSON.stringify(value)
  return words.length > LONGEST_NOTE ? `${words.slice(0, LONGEST_NOTE)}…` : words
}

function inBrackets(notes: string[]): string {
  return notes.length === 0 ? '' : `(${notes.join('; ')})`
}
