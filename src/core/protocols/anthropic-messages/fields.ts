import { ChatError } from '../../chat/index.ts'
import type { CacheControl, Extra } from '../../chat/index.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

/**
 * Reads the fields of one JSON object of a request, once each, and knows which were left over. `null` counts as absent. Errors
 * have Anthropic's wording, such as `messages.0.content.1.text: Field required`.
 */
export class Fields {
  readonly #object: JsonObject
  readonly #path: string
  readonly #read = new Set<string>()

  /** @param path Where the object is: empty for the body, else such as `messages.0`. */
  constructor(object: JsonObject, path = '') {
    this.#object = object
    this.#path = path
  }

  static of(value: unknown, path: string): Fields {
    if (!isObject(value)) throw wrongType(path, 'dictionary')
    return new Fields(value, path)
  }

  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  raw(name: string): unknown {
    this.#read.add(name)
    return this.#object[name] ?? undefined
  }

  string(name: string): string | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'string') return value
    throw wrongType(this.path(name), 'string')
  }

  requiredString(name: string): string {
    const value = this.string(name)
    if (value === undefined) throw missing(this.path(name))
    return value
  }

  number(name: string): number | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'number') return value
    throw wrongType(this.path(name), 'number')
  }

  integer(name: string): number | undefined {
    const value = this.number(name)
    if (value === undefined || Number.isInteger(value)) return value
    throw wrongType(this.path(name), 'integer')
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw(name)
    if (value === undefined || typeof value === 'boolean') return value
    throw wrongType(this.path(name), 'boolean')
  }

  object(name: string): JsonObject | undefined {
    const value = this.raw(name)
    if (value === undefined || isObject(value)) return value
    throw wrongType(this.path(name), 'dictionary')
  }

  array(name: string): unknown[] | undefined {
    const value = this.raw(name)
    if (value === undefined) return undefined
    if (Array.isArray(value)) return value as unknown[]
    throw wrongType(this.path(name), 'list')
  }

  nested(name: string): Fields | undefined {
    const value = this.object(name)
    return value && new Fields(value, this.path(name))
  }

  requiredNested(name: string): Fields {
    const fields = this.nested(name)
    if (!fields) throw missing(this.path(name))
    return fields
  }

  /** A breakpoint, with no other field than the neutral model has; else it stays among the rest. */
  cacheControl(): CacheControl | undefined {
    const value = this.#object['cache_control']
    if (!isObject(value) || value['type'] !== 'ephemeral') return undefined
    const { type, ttl, ...rest } = value
    if (Object.keys(rest).length > 0 || (ttl !== undefined && typeof ttl !== 'string')) return undefined
    this.#read.add('cache_control')
    return ttl === undefined ? { type } : { type, ttl }
  }

  /** What nobody read, by its wire name; `undefined` where nothing is left. */
  rest(): Extra | undefined {
    let rest: Extra | undefined
    for (const [name, value] of Object.entries(this.#object)) {
      if (!this.#read.has(name) && value !== undefined && value !== null) (rest ??= {})[name] = value
    }
    return rest
  }

  /** The breakpoint and the rest, as a part has them. */
  base(): { cacheControl?: CacheControl; extra?: Extra } {
    const cacheControl = this.cacheControl()
    const extra = this.rest()
    return { ...(cacheControl && { cacheControl }), ...(extra && { extra }) }
  }
}

export function missing(param: string): ChatError {
  return invalid(`${param}: Field required`, param)
}

export function wrongType(param: string, kind: string): ChatError {
  return invalid(`${param}: Input should be a valid ${kind}`, param)
}

/** A value out of a closed list. It is not quoted, lest it be a prompt. */
export function wrongValue(param: string, expected: readonly string[]): ChatError {
  return invalid(`${param}: Input should be ${expected.map((word) => `'${word}'`).join(', ')}`, param)
}

export function invalid(message: string, param: string): ChatError {
  return new ChatError(message, { status: 400, type: 'invalid_request_error', param })
}
