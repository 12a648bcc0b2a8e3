import { ChatError } from '../../chat/index.ts'
import { Fields } from '../fields.ts'
import type { FieldType } from '../fields.ts'
import { isObject } from '../json.ts'

/** Those that Anthropic, which validates in Python, has another word for. */
const WORDS: Partial<Record<FieldType, string>> = { object: 'dictionary', array: 'list' }

const errors = {
  missing,
  wrongType: (param: string, type: FieldType) => wrongType(param, WORDS[type] ?? type),
}

/**
 * The fields of an object of a request. Errors have Anthropic's wording, such as `messages.0.content.1.text: Field required`.
 * @param path empty for the body, else such as `messages.0`
 */
export function fieldsOf(value: unknown, path = ''): Fields {
  if (!isObject(value)) throw wrongType(path, 'dictionary')
  return new Fields(value, path, errors)
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
