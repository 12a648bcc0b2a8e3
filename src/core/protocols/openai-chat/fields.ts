import { ChatError } from '../../chat/index.ts'
import { Fields } from '../fields.ts'
import type { FieldType } from '../fields.ts'
import { isObject } from '../json.ts'

const TYPES: Record<FieldType, string> = {
  string: 'a string',
  number: 'a decimal',
  integer: 'an integer',
  boolean: 'a boolean',
  object: 'an object',
  array: 'an array',
}

const errors = {
  missing,
  wrongType: (param: string, type: FieldType, got: unknown) => invalidType(param, TYPES[type], got),
}

/**
 * The fields of an object of a request. Errors have OpenAI's wording, codes and `param`.
 * @param path empty for the body, else such as `messages[0]`
 */
export function fieldsOf(value: unknown, path = ''): Fields {
  if (!isObject(value)) throw invalidType(path, TYPES.object, value)
  return new Fields(value, path, errors)
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
