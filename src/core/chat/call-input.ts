import { parseObject } from '../json/json.ts'

/**
 * The arguments of a function's call as an object, for wires that take nothing else. Text that is none, such as that of an answer which
 * was cut, stands in one: the conversation goes on, and the model sees what it wrote.
 */
export function callInput(words: string): Record<string, unknown> {
  if (words.trim() === '') return {}
  return parseObject(words) ?? { arguments: words }
}
