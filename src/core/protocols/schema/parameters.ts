import { isObject, objects, texts } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { changeSchemas } from './change.ts'
import { referred } from './reference.ts'
import { validSchema } from './valid.ts'

/** What a schema of parameters may not have at its root. */
const COMBINED = ['anyOf', 'oneOf', 'allOf', 'enum', 'not', '$ref'] as const

/**
 * A tool's parameters as a valid schema with one object at its root, for vendors that refuse anything else: what one of several objects has, it may have;
 * what all of them require, it requires; which belong together is told in words.
 *
 * Sources: anthropics/claude-code issue 5319 ("input_schema does not support oneOf, allOf, or anyOf at the top level"), nspady/google-calendar-mcp
 * issue 39 (OpenAI: "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level").
 */
export function objectAtRoot(given: JsonObject): JsonObject {
  const schema = validSchema(given)
  if (COMBINED.some((name) => name in schema)) return asObject(schema, schema, new Set())
  return schema['type'] === 'object' ? schema : { ...schema, type: 'object' }
}

function asObject(schema: JsonObject, root: JsonObject, seen: Set<unknown>): JsonObject {
  const { anyOf, oneOf, allOf, enum: _, not: __, $ref: reference, required: ___, ...own } = schema
  const target = typeof reference === 'string' ? referred(reference, root) : undefined
  const all = [...objects(allOf), ...(target ? [target] : [])].flatMap((part) => objectOf(part, root, seen))
  const alternatives = [...objects(anyOf), ...objects(oneOf)].flatMap((part) => objectOf(part, root, seen))
  const properties: JsonObject = {}
  for (const part of [own, ...all, ...alternatives]) addProperties(properties, part)
  const [first = {}] = alternatives
  const common = namesIn(first).filter((name) => alternatives.every((part) => namesIn(part).includes(name)))
  const required = [...new Set([schema, ...all].flatMap(namesIn).concat(common))]
  const words = [own['description'], ...all.map((part) => part['description']), choiceOf(alternatives, required)]
  const description = words.filter((word) => typeof word === 'string' && word !== '').join('\n\n')
  const closed = [...all, ...alternatives].every((part) => part['additionalProperties'] === false)
  const { additionalProperties = all.length + alternatives.length > 0 && closed ? false : undefined } = own
  return {
    ...own,
    type: 'object',
    ...(description !== '' && { description }),
    properties,
    ...(required.length > 0 && { required }),
    ...(additionalProperties !== undefined && { additionalProperties }),
  }
}

/** A part as an object; nothing where it is something else, or holds itself. */
function objectOf(part: JsonObject, root: JsonObject, seen: Set<unknown>): JsonObject[] {
  const { type = 'object' } = part
  if (seen.has(part) || ![type].flat().includes('object')) return []
  return [asObject(part, root, new Set([...seen, part]))]
}

/** A property that several have, each in its way, is one of those. */
function addProperties(properties: JsonObject, { properties: added }: JsonObject): void {
  if (!isObject(added)) return
  for (const [name, schema] of Object.entries(added)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (known === undefined) properties[name] = schema
    else if (JSON.stringify(known) !== JSON.stringify(schema)) properties[name] = { anyOf: [known, schema] }
  }
}

function namesIn({ required }: JsonObject): string[] {
  return texts(required)
}

/** What a flat list of properties cannot say. */
function choiceOf(alternatives: JsonObject[], required: string[]): string | undefined {
  const sets = alternatives.map((part) => namesIn(part).filter((name) => !required.includes(name)))
  const told = new Set(
    sets.filter((names) => names.length > 0).map((names) => names.map((name) => `\`${name}\``).join(' with ')),
  )
  return told.size > 1 ? `Give one of these: ${[...told].join('; ')}.` : undefined
}

/**
 * A tool's parameters as OpenAI takes them: {@link objectAtRoot}, with `properties`, with `items` for every list, and without patterns that
 * it cannot read, which say no more than what a value looks like.
 *
 * Sources: ericc-ch/copilot-api pull request 192 ("In context=(), object schema missing properties"), ogx-ai/ogx pull request 3602
 * ("array schema missing items"); those of {@link isOpenAIPattern}.
 */
export function openAIParameters(schema: JsonObject): JsonObject {
  const object = objectAtRoot(schema)
  return changeSchemas(object['properties'] === undefined ? { ...object, properties: {} } : object, withItems)
}

/** A strict tool's parameters, which are its client's to get right, without the patterns that OpenAI refuses and others take. */
export function strictOpenAIParameters(schema: JsonObject): JsonObject {
  return changeSchemas(schema, (part) => withoutPattern(part, true))
}

function withItems(schema: JsonObject): JsonObject {
  const { type, items } = schema
  const isList = type === 'array' || (Array.isArray(type) && type.includes('array'))
  return withoutPattern(isList && items === undefined ? { ...schema, items: {} } : schema, false)
}

function withoutPattern(schema: JsonObject, strict: boolean): JsonObject {
  const { pattern, patternProperties: named, ...rest } = schema
  const names = isObject(named) ? Object.keys(named) : []
  const isFine = (one: unknown) => typeof one !== 'string' || isOpenAIPattern(one, strict)
  if (isFine(pattern) && names.every(isFine)) return schema
  return {
    ...rest,
    ...(pattern !== undefined && isFine(pattern) && { pattern }),
    ...(isObject(named) && {
      patternProperties: Object.fromEntries(Object.entries(named).filter(([name]) => isFine(name))),
    }),
  }
}

/** Letters that mean nothing behind a backslash to Python, and in JavaScript, as `\p{Cc}`, do; `\u{…}`; named groups; what looks back. */
const FOREIGN = /(?<!\\)(?:\\\\)*(?:\\(?:[ceg-mopqyzCE-RTUVXY]|u(?![\da-fA-F]{4})|x(?![\da-fA-F]{2}))|\(\?<)/

/** What looks ahead or back. */
const LOOKS_AROUND = /(?<!\\)(?:\\\\)*\(\?<?[=!]/

/**
 * Whether OpenAI takes a `pattern` in a tool's parameters. It compiles each as Python does, and refuses the request for one that is "not a
 * 'regex'", such as that of Claude Code's tool `Artifact`; Python looks back by a fixed width alone, and none that looks back is worth the
 * risk. Strict tools may not look ahead either: "regex lookaround is not supported".
 *
 * Sources: BerriAI/litellm pull request 40485 (Python's `re`), Crazytieguy/alignment-hive issue 107 (that looking ahead is no fault by
 * itself), vercel/ai pull request 21037 (strict tools).
 */
function isOpenAIPattern(pattern: string, strict: boolean): boolean {
  return !FOREIGN.test(pattern) && !(strict && LOOKS_AROUND.test(pattern))
}
