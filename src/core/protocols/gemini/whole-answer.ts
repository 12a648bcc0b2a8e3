import type { Usage } from '../../chat/index.ts'
import { isObject, objects, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { readUsage } from './usage.ts'

/** What a whole answer of Gemini's says, as far as it serves who asked in a chat for something else. */
export interface WholeAnswer {
  /** Of the first candidate, thoughts aside. */
  parts: JsonObject[]
  /** Why there is no more of it; `undefined` where it came to its end. */
  broken: string | undefined
  usage: Usage | undefined
}

/** ai.google.dev/api/generate-content, `GenerateContentResponse`. */
export function readWholeAnswer(answer: unknown): WholeAnswer {
  const { candidates, promptFeedback, usageMetadata } = isObject(answer) ? answer : {}
  const [{ content, finishReason } = {}] = objects(candidates)
  const blocked = isObject(promptFeedback) ? text(promptFeedback['blockReason']) : undefined
  const reason = blocked ?? text(finishReason)
  return {
    parts: objects(isObject(content) ? content['parts'] : []).filter(({ thought }) => thought !== true),
    broken: reason === 'STOP' ? undefined : reason,
    usage: readUsage(usageMetadata),
  }
}

/** A reason for errors: in brackets, where it is a word of Google's. */
export function saidReason(reason: string | undefined): string {
  return reason !== undefined && /^[A-Z_]{1,40}$/.test(reason) ? ` (${reason})` : ''
}
