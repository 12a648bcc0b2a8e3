import type { UnaskedUsage } from '../protocol.ts'
import { isObject, parseObject } from '../json.ts'

/**
 * `stream_options.include_usage` puts one more chunk before `[DONE]`, whose `choices` is empty (openai-node
 * `ChatCompletionStreamOptions`).
 */
export const unaskedUsage: UnaskedUsage = {
  ask(body) {
    const { stream, stream_options: options } = body
    if (stream !== true || (isObject(options) && options['include_usage'] === true)) return undefined
    // What is no object is the provider's to refuse.
    if (options !== undefined && options !== null && !isObject(options)) return undefined
    return { stream_options: { ...options, include_usage: true } }
  },
  isAnswer(data) {
    if (!data.includes('"usage"')) return false
    const chunk = parseObject(data)
    if (!chunk || chunk['error']) return false
    return Array.isArray(chunk['choices']) && chunk['choices'].length === 0 && isObject(chunk['usage'])
  },
}
