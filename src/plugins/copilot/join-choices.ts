import { isObject, listOf } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/**
 * A whole answer of Claude's by `/chat/completions`, where Copilot puts its text in one choice and its tool calls in another,
 * as the one choice it is.
 *
 * Source: ericc-ch/copilot-api, src/routes/messages/non-stream-translation.ts, which joins the choices.
 */
export function joinChoices(body: unknown): unknown {
  if (!isObject(body) || !Array.isArray(body['choices']) || body['choices'].length < 2) return body
  const choices = body['choices'].filter(isObject)
  const messages = choices.map(({ message }) => (isObject(message) ? message : {}))
  const texts = messages.flatMap(({ content }) => (typeof content === 'string' && content !== '' ? [content] : []))
  const calls = messages.flatMap(({ tool_calls: some }) => listOf(some))
  const message: JsonObject = {
    ...messages.reduce((all, one) => ({ ...all, ...one }), {}),
    content: texts.length > 0 ? texts.join('') : null,
    ...(calls.length > 0 && { tool_calls: calls }),
  }
  const ended = choices.find(({ finish_reason: reason }) => reason === 'tool_calls') ?? choices[0]
  return { ...body, choices: [{ ...ended, index: 0, message }] }
}
