import type { ChatRequest } from '../../chat/index.ts'
import { compact, isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { fieldsOf } from '../openai-chat/fields.ts'
import { readResponseFormat } from './decode-tools.ts'
import { keep, kept } from './wire.ts'

/**
 * An item by which a conversation changes settings on its way: how hard to think, and the form of the answer. Each stands until a later
 * one (openai-node 7 `ResponseConfigurationUpdateItemParam`; `reasoningEffortUpdate` and `textFormatUpdate` of @ai-sdk/openai). OpenAI
 * wants them where they stand, beside the settings that the conversation began with, or it could not find what it has cached; others are
 * asked for what stands in the end.
 */
export const UPDATE = 'configuration_update'

type Settings = Pick<ChatRequest, 'reasoning' | 'responseFormat'>

/** The request with the settings that its input ends with. */
export function asUpdated(chat: ChatRequest, input: unknown): ChatRequest {
  if (!Array.isArray(input)) return chat
  const { reasoning, responseFormat } = chat
  const now: Settings = compact({ reasoning, responseFormat })
  let any = false
  input.forEach((item: unknown, index) => {
    if (!isObject(item) || item['type'] !== UPDATE) return
    any = true
    const update = fieldsOf(item, `input[${index}]`)
    const effort = update.nested('reasoning')?.string('effort')
    if (effort !== undefined) now.reasoning = { ...now.reasoning, effort }
    const format = readResponseFormat(update.nested('text'))
    if (format) now.responseFormat = format
  })
  if (!any) return chat
  const updated = { now, before: compact({ reasoning, responseFormat }) }
  return { ...chat, ...now, extra: keep({ ...kept(chat), updated }, chat.extra) }
}

/** The request with the settings it began with, but for those that somebody else has changed since. */
export function beforeUpdates(chat: ChatRequest): ChatRequest {
  const { updated } = kept(chat)
  if (!isObject(updated)) return chat
  const { now, before } = updated
  if (!isObject(now) || !isObject(before)) return chat
  const { reasoning, responseFormat, ...rest } = chat
  const settings: JsonObject = { reasoning, responseFormat }
  for (const name in settings) if (settings[name] === now[name]) settings[name] = before[name]
  return { ...rest, ...compact(settings) }
}
