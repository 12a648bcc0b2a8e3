import { ChatError } from '../../chat/index.ts'
import type { Extra } from '../../chat/index.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * Reads the fields of one JSON object of a request, once each, and knows which were left over. `null` counts as absent.
 * Errors have OpenAI's wording, codes and `param`, such as `messages[0].content`.
 */
export class Fields {
  readonly #object: JsonObject
  readonly #path: string
  readonly #read = new Set<string>()

  /** @param path Where the object is: empty for the body, else such as `messages[0]`. */
  constructor(object: JsonObject, path = '') {
    this.#object = object
    this.#path = path
  }

  /** Reads `value` as an object. */
  static of(value: unknown, path: string): Fields {
    if (!isObject(value)) throw invalidType(path, 'an object', value)
    return new Fields(value, path)
  }

  /** The path of a field, for errors. */
  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  /** The field as it came. */
  raw(name: string): unknown {
    this.#read.add(name)
    return this.#object[name] ?? undefined
  }

  /** The field as it came, which is left to {@link Fields.rest} all the same. */
  peek(name: string): unknown {
    return this.#object[name] ?? undefined
  }

  has(name: string): boolean {
    return (this.#object[name] ?? undefined) !== undefined
  }

  string(name: string): string | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'string') return value
    throw invalidType(this.path(name), 'a string', value)
  }

  requiredString(name: string): string {
    const value = this.string(name)
    if (value === undefined) throw missing(this.path(name))
    return value
  }

  number(name: string): number | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'number') return value
    throw invalidType(this.path(name), 'a decimal', value)
  }

  integer(name: string): number | undefined {
    const value = this.number(name)
    if (value === undefined || Number.isInteger(value)) return value
    throw invalidType(this.path(name), 'an integer', value)
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'boolean') return value
    throw invalidType(this.path(name), 'a boolean', value)
  }

  object(name: string): JsonObject | undefined {
    const value = this.raw(name)
    if (value === undefined || isObject(value)) return value
    throw invalidType(this.path(name), 'an object', value)
  }

  array(name: string): unknown[] | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (Array.isArray(value)) return value as unknown[]
    throw invalidType(this.path(name), 'an array', value)
  }

  /** The fields of a nested object; `undefined` where it is absent. */
  nested(name: string): Fields | undefined {
    const value = this.object(name)
    return value && new Fields(value, this.path(name))
  }

  requiredNested(name: string): Fields {
    const fields = this.nested(name)
    if (!fields) throw missing(this.path(name))
    return fields
  }

  /** Reads a field only where `parse` makes something of it; what it does not understand is left to {@link Fields.rest}. */
  take<T>(name: string, parse: (value: unknown) => T | undefined): T | undefined {
    const value = this.#object[name] ?? undefined
    const parsed = value === undefined ? undefined : parse(value)
    if (parsed !== undefined) this.#read.add(name)
    return parsed
  }

  /** What nobody read, by its wire name; `undefined` where nothing is left. */
  rest(): Extra | undefined {
    let rest: Extra | undefined
    for (const [name, value] of Object.entries(this.#object)) {
      if (!this.#read.has(name) && value !== undefined && value !== null) (rest ??= {})[name] = value
    }
    return rest
  }
}

export function missing(param: string): ChatError {
  return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter')
}

export function invalidType(param: string, expected: string, got: unknown): ChatError {
  return invalid(
    `Invalid type for '${param}': expected ${expected}, but got ${typeName(got)} instead.`,
    param,
    'invalid_type',
  )
}

/** A value out of a closed list. The value is quoted only where it is a short word, lest it be a prompt. */
export function invalidValue(param: string, value: unknown, supported: readonly string[]): ChatError {
  const list = supported.map((word) => `'${word}'`).join(', ')
  const quoted = typeof value === 'string' && /^[\w.-]{1,40}$/.test(value) ? `: '${value}'` : ` for '${param}'`
  return invalid(`Invalid value${quoted}. Supported values are: ${list}.`, param, 'invalid_value')
}

export function invalid(message: string, param: string, code: string): ChatError {
  return new ChatError(message, { status: 400, type: 'invalid_request_error', param, code })
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal'
  if (typeof value === 'object') return 'an object'
  return value === undefined ? 'nothing' : `a ${typeof value}`
}
