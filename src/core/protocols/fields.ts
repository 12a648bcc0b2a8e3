import type { ChatError, Extra } from '../chat/index.ts'
import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'

/** What a field has to be. */
export type FieldType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array'

/** What is wrong with a field, in the words that a protocol's clients know. `param` is its path, such as `messages[0].content`. */
export interface FieldErrors {
  missing(param: string): ChatError
  wrongType(param: string, type: FieldType, got: unknown): ChatError
}

/** Reads the fields of one JSON object of a request, once each, and knows which were left over. `null` counts as absent. */
export class Fields {
  readonly #object: JsonObject
  readonly #path: string
  readonly #errors: FieldErrors
  readonly #read = new Set<string>()

  /** @param path Where the object is: empty for the body, else such as `messages[0]`. */
  constructor(object: JsonObject, path: string, errors: FieldErrors) {
    this.#object = object
    this.#path = path
    this.#errors = errors
  }

  /** The path of a field, for errors. */
  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  /** The name by which the object has a field. */
  protected wireName(name: string, _object: JsonObject): string {
    return name
  }

  /** The field as it came. */
  raw(name: string): unknown {
    const key = this.wireName(name, this.#object)
    this.#read.add(key)
    return this.#object[key] ?? undefined
  }

  /** The field as it came, which is left to {@link Fields.rest} all the same. */
  peek(name: string): unknown {
    return this.#object[this.wireName(name, this.#object)] ?? undefined
  }

  has(name: string): boolean {
    return this.peek(name) !== undefined
  }

  string(name: string): string | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'string') return value
    throw this.#wrongType(name, 'string', value)
  }

  requiredString(name: string): string {
    const value = this.string(name)
    if (value === undefined) throw this.#errors.missing(this.path(name))
    return value
  }

  number(name: string): number | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'number') return value
    throw this.#wrongType(name, 'number', value)
  }

  integer(name: string): number | undefined {
    const value = this.number(name)
    if (value === undefined || Number.isInteger(value)) return value
    throw this.#wrongType(name, 'integer', value)
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'boolean') return value
    throw this.#wrongType(name, 'boolean', value)
  }

  object(name: string): JsonObject | undefined {
    const value = this.raw(name)
    if (value === undefined || isObject(value)) return value
    throw this.#wrongType(name, 'object', value)
  }

  array(name: string): unknown[] | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (Array.isArray(value)) return value as unknown[]
    throw this.#wrongType(name, 'array', value)
  }

  /** The fields of a nested object; `undefined` where it is absent. */
  nested(name: string): Fields | undefined {
    const value = this.object(name)
    return value && new Fields(value, this.path(name), this.#errors)
  }

  requiredNested(name: string): Fields {
    const fields = this.nested(name)
    if (!fields) throw this.#errors.missing(this.path(name))
    return fields
  }

  /** Reads a field only where `parse` makes something of it; what it does not understand is left to {@link Fields.rest}. */
  take<T>(name: string, parse: (value: unknown) => T | undefined): T | undefined {
    const value = this.peek(name)
    const parsed = value === undefined ? undefined : parse(value)
    if (parsed !== undefined) this.raw(name)
    return parsed
  }

  /** What nobody read, by its wire name or what `nameOf` makes of it; `undefined` where nothing is left. */
  rest(nameOf?: (wireName: string) => string): Extra | undefined {
    let rest: Extra | undefined
    for (const [name, value] of Object.entries(this.#object)) {
      if (!this.#read.has(name) && value !== undefined && value !== null)
        (rest ??= {})[nameOf ? nameOf(name) : name] = value
    }
    return rest
  }

  #wrongType(name: string, type: FieldType, got: unknown): ChatError {
    return this.#errors.wrongType(this.path(name), type, got)
  }
}
