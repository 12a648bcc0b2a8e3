import { createHash } from 'node:crypto'

/**
 * A tool call's id within the letters a vendor counts; other vendors', and OpenAI's own Responses, have longer ones. The same id always
 * gives the same, so that a result finds its call.
 *
 * Sources: AnswerDotAI/fastllm issue 45 and V1ki/dsh-plugin-subscriptions issue 29 ("Invalid 'input[5].call_id': string too long. Expected a
 * string with maximum length 64"), BerriAI/litellm issue 17343 (Copilot: "Invalid 'messages[11].tool_calls[0].id': … maximum length 40").
 */
export function shortCallId(id: string, most: number): string {
  if (id.length <= most) return id
  const mark = createHash('sha256').update(id).digest('hex').slice(0, 16)
  return `${id.slice(0, most - mark.length - 1)}_${mark}`
}
