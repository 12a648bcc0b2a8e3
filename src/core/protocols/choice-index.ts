import { badAnswer } from '../upstream/error.ts'

/** OpenAI gives no more (openai/openai-openapi, `n` of chat completions); room is made for all up to the highest. */
const MOST_CHOICES = 128

/**
 * The place of a choice among the answer's, as a provider sends it.
 *
 * @param otherwise where it sends none
 * @throws {ChatError} 502 for one that no answer has.
 */
export function choiceIndex(value: unknown, otherwise: number): number {
  if (typeof value !== 'number') return otherwise
  if (Number.isInteger(value) && value >= 0 && value < MOST_CHOICES) return value
  throw badAnswer('The provider', 'a choice whose index is no place among choices')
}
