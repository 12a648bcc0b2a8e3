import { ChatError } from '../../chat/index.ts'
import { Fields } from '../fields.ts'
import type { FieldErrors } from '../fields.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** In Google's words. */
const errors: FieldErrors = {
  missing: (param) => invalid(param, 'required'),
  wrongType: (param, type) => invalid(param, `expected ${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`),
}

/** {@link Fields} of one of Google's messages, whose names may be camelCase or snake_case, as proto3's JSON form allows. */
export class Reader extends Fields {
  constructor(object: JsonObject, path: string) {
    super(object, path, errors)
  }

  static of(value: unknown, path: string): Reader {
    if (!isObject(value)) throw invalid(path, 'expected an object')
    return new Reader(value, path)
  }

  protected override wireName(name: string, object: JsonObject): string {
    return (object[name] ?? undefined) === undefined ? snakeCase(name) : name
  }

  override number(name: string): number | undefined {
    const value = this.raw(name)
    // proto3 takes numbers as text too.
    const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (read === undefined || (typeof read === 'number' && !Number.isNaN(read))) return read
    throw invalid(this.path(name), 'expected a number')
  }

  override nested(name: string): Reader | undefined {
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

  /** What nobody read, by its name in camelCase. */
  override rest(): JsonObject | undefined {
    return super.rest(camelCase)
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
