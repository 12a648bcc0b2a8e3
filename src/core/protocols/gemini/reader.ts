import { ChatError } from '../../chat/index.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * Reads the fields of one object of a request, once each, and knows which were left over. Field names may be camelCase or
 * snake_case, as proto3's JSON form allows; `null` counts as absent. Errors are in Google's words.
 */
export class Reader {
  readonly #object: JsonObject
  readonly #path: string
  readonly #read = new Set<string>()

  constructor(object: JsonObject, path: string) {
    this.#object = object
    this.#path = path
  }

  static of(value: unknown, path: string): Reader {
    if (!isObject(value)) throw invalid(path, 'expected an object')
    return new Reader(value, path)
  }

  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  raw(name: string): unknown {
    for (const key of [name, snakeCase(name)]) {
      this.#read.add(key)
      const value = this.#object[key] ?? undefined
      if (value !== undefined) return value
    }
    return undefined
  }

  string(name: string): string | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'string') return value
    throw invalid(this.path(name), 'expected a string')
  }

  number(name: string): number | undefined {
    const value = this.raw(name)
    // proto3 takes numbers as text too.
    const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (read === undefined || (typeof read === 'number' && !Number.isNaN(read))) return read
    throw invalid(this.path(name), 'expected a number')
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'boolean') return value
    throw invalid(this.path(name), 'expected a boolean')
  }

  object(name: string): JsonObject | undefined {
    const value = this.raw(name)
    if (value === undefined || isObject(value)) return value
    throw invalid(this.path(name), 'expected an object')
  }

  reader(name: string): Reader | undefined {
    const value = this.object(name)
    return value && new Reader(value, this.path(name))
  }

  /** The list's objects, each with its path. A lone object counts as a list of one, as proto3's JSON form has it. */
  readers(name: string): Reader[] | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    const list: unknown[] = Array.isArray(value) ? value : [value]
    return list.map((item, index) => Reader.of(item, `${this.path(name)}[${index}]`))
  }

  strings(name: string): string[] | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    throw invalid(this.path(name), 'expected a list of strings')
  }

  /** What nobody read, by its name in camelCase; `undefined` where nothing is left. */
  rest(): JsonObject | undefined {
    let rest: JsonObject | undefined
    for (const [name, value] of Object.entries(this.#object)) {
      if (!this.#read.has(name) && value !== undefined && value !== null) (rest ??= {})[camelCase(name)] = value
    }
    return rest
  }
}

/** Names that Google's messages have: `safety_settings`, and no key of a client's own. */
export function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function invalid(param: string, what: string): ChatError {
  return new ChatError(`Invalid value at '${param}': ${what}.`, { status: 400, type: 'invalid_request_error', param })
}
