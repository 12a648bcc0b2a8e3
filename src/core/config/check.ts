import type { z } from 'zod'
import { didYouMean, nearestName } from '../text/nearest.ts'
import { orList } from '../text/or-list.ts'
import { namesOf, schemaAt, unwrap } from './introspect.ts'
import type { Schema } from './introspect.ts'
import { formatPath } from './problem.ts'
import { COMPATIBLE } from './provider-schema.ts'
import type { ConfigProblem } from './problem.ts'
import { descend, isNothing, locate, outrankings } from './tree.ts'
import type { Tree } from './tree.ts'

type Issue = z.core.$ZodIssue

/** What the schema found wrong, in people's words, each with the place it was written. */
export function problemsOf(issues: readonly Issue[], tree: Tree, schema: Schema): ConfigProblem[] {
  return withoutEchoes(issues.flatMap((issue) => flatten(issue))).flatMap((issue) => describe(issue, tree, schema))
}

/** Of what is of another type zod says besides that it is too short, where it has a length, as lists and functions do: no second fault. */
function withoutEchoes(issues: readonly Issue[]): Issue[] {
  const placeOf = ({ path }: Issue) => JSON.stringify(path.map(String))
  const ofOtherType = new Set(issues.filter(({ code }) => code === 'invalid_type').map(placeOf))
  return issues.filter((issue) => issue.code === 'invalid_type' || !ofOtherType.has(placeOf(issue)))
}

/**
 * What would be lost without a word: text or a list of a lower layer where only settings may be. Of `codex: sk-…` in a file nothing
 * is left for the schema to see once `OPENAI_API_KEY` makes settings of it.
 */
export function outrankedProblems(tree: Tree, schema: Schema): ConfigProblem[] {
  return [...outrankings(tree)].flatMap(({ path, outranked }) => {
    const under = schemaAt(schema, path)
    const type = under && unwrap(under)._zod.def.type
    if (type !== 'object' && type !== 'record') return []
    return [{ ...outranked.origin, key: formatPath(path), message: expected([type], outranked) }]
  })
}

/** A union's issue as those of the option that was most likely meant: the one of the right type. */
function flatten(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.find((option) => !option.some(isOther))
  if (!meant) return [issue]
  return meant.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** Whether what is given is another type, or another value than the only ones there may be. */
function isOther({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')
}

function describe(issue: Issue, tree: Tree, schema: Schema): ConfigProblem[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => {
      const at = [...path, name]
      const endpoint = wrongEndpoint(at, tree)
      if (endpoint) return endpoint
      return { ...locate(tree, at), key: formatPath(at), ...unknownName(name, path, schema) }
    })
  }
  const problem = { ...locate(tree, path), key: formatPath(path) }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String)
    const given = descend(tree, path)
    const nearest = given?.kind === 'value' ? nearestName(String(given.value), values) : undefined
    const message = `expected ${orList(values.map((value) => JSON.stringify(value)))}`
    return [
      {
        ...problem,
        message: nearest ? `${message}. ${didYouMean(`"${nearest}"`)}` : message,
        ...(nearest && { nearest }),
      },
    ]
  }
  return [{ ...problem, message: scrub(sentence(issue, descend(tree, path)), descend(tree, path)) }]
}

/** Of an endpoint that has a `type`: that is misspelt, or its name is none that a provider may have. */
function wrongEndpoint(path: (string | number)[], tree: Tree): ConfigProblem | undefined {
  if (path.length !== 2 || path[0] !== 'providers') return undefined
  const at = [...path, 'type']
  const given = descend(tree, at)
  if (given?.kind !== 'value' || typeof given.value !== 'string') return undefined
  if (given.value === COMPATIBLE) {
    const message = "a provider's name is lower-case letters, digits and dashes, and begins with a letter"
    return { ...locate(tree, path), key: formatPath(path), message }
  }
  const nearest = nearestName(given.value, [COMPATIBLE])
  if (nearest === undefined) return undefined
  return { ...locate(tree, at), key: formatPath(at), message: `expected "${COMPATIBLE}"`, nearest }
}

function unknownName(
  name: string,
  path: (string | number)[],
  schema: Schema,
): Pick<ConfigProblem, 'message' | 'nearest'> {
  const names = namesOf(schemaAt(schema, path))
  const providers = namesOf(schemaAt(schema, ['providers']))
  const isProvider = path.length === 1 && path[0] === 'providers'
  const what = isProvider ? 'unknown provider' : 'unknown key'
  const misplaced = path.length === 0 && providers.includes(name) ? `providers.${name}` : undefined
  const nearest = misplaced ?? nearestName(name, names)
  const custom = isProvider ? ' Any other endpoint needs `type: openai-compatible` and a `base_url`.' : ''
  if (nearest) return { message: `${what}. ${didYouMean(`"${nearest}"`)}${custom}`, nearest }
  const list = names.length > 0 ? ` Known here: ${names.join(', ')}.` : ''
  return { message: `${what}.${list}${custom}` }
}

const WORDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'settings below it',
  record: 'names below it',
}

function sentence(issue: Issue, given: Tree | undefined): string {
  switch (issue.code) {
    case 'invalid_type': {
      // A message of the schema's own, not zod's default.
      if (!issue.message.startsWith('Invalid input')) return given ? issue.message : `is missing: ${issue.message}`
      return expected([issue.expected], given)
    }
    case 'invalid_union': {
      const types = issue.errors.flatMap((option) => option.flatMap(typesOf))
      return types.length > 0 ? expected(types, given) : 'is not valid'
    }
    case 'too_small':
    case 'too_big': {
      if (!issue.message.startsWith('Too ')) return issue.message
      const small = issue.code === 'too_small'
      const limit = small ? issue.minimum : issue.maximum
      if (issue.origin === 'string' || issue.origin === 'array') {
        if (small && Number(limit) === 1) return 'must not be empty'
        return `must have ${small ? 'at least' : 'at most'} ${limit} ${issue.origin === 'array' ? 'entries' : 'characters'}`
      }
      return `must be ${issue.inclusive === false ? (small ? 'more than ' : 'less than ') : ''}${limit}${issue.inclusive === false ? '' : small ? ' or more' : ' or less'}`
    }
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues[0]?.message ?? issue.message
    default:
      return issue.message
  }
}

/** What an option of a union would take: a type, or values. */
function typesOf(issue: Issue): string[] {
  if (issue.path.length > 0) return []
  if (issue.code === 'invalid_type') return [issue.expected]
  return issue.code === 'invalid_value' ? issue.values.map((value) => JSON.stringify(String(value))) : []
}

function expected(types: string[], given: Tree | undefined): string {
  const words = orList([...new Set(types)].map((type) => WORDS[type] ?? type))
  if (!given) return `is missing: expected ${words}`
  if (isNothing(given)) return `is empty: expected ${words}`
  const hint =
    types.includes('string') && given.kind === 'value' && /^(number|boolean)$/.test(typeof given.value)
      ? '. Put it in quotes'
      : ''
  return `expected ${words}, got ${typeOf(given, types.includes('int'))}${hint}`
}

/** @param digits whether text of digits is a number: on the command line and in the environment all is text. */
function typeOf(tree: Tree, digits: boolean): string {
  if (digits && tree.kind === 'value' && /^\d+\.\d+$/.test(String(tree.value))) return 'a number'
  if (tree.kind === 'map') return 'settings'
  if (tree.kind === 'list') return 'a list'
  // YAML's `!!binary`.
  if (tree.value instanceof Uint8Array) return 'bytes'
  if (tree.value instanceof Promise) return 'a promise'
  const type = typeof tree.value
  return type === 'string'
    ? 'text'
    : type === 'number'
      ? 'a number'
      : type === 'boolean'
        ? 'true or false'
        : `${type === 'object' ? 'an' : 'a'} ${type}`
}

/** A plugin's own message may quote the value. */
function scrub(message: string, given: Tree | undefined): string {
  const value = given?.kind === 'value' ? given.value : undefined
  return typeof value === 'string' && value.length > 3 ? message.replaceAll(value, '[value]') : message
}
