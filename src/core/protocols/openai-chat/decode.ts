import { invalidRequest } from '../../chat/index.ts'
import type { ChatRequest, Extra } from '../../chat/index.ts'
import { readMessages } from './decode-messages.ts'
import { asksByFunctions, PROTOCOL, readResponseFormat, readStop, readToolChoice, readTools } from './decode-tools.ts'
import { fieldsOf, invalidType } from './fields.ts'
import type { Fields } from '../fields.ts'
import { compact, isObject } from '../json.ts'
import { readReasoningOptions } from './reasoning-options.ts'

/**
 * Reads the body of `POST /v1/chat/completions`: every field of OpenAI's, the common extensions (`reasoning`, `thinking`,
 * `top_k`, `cache_control`, reasoning sent back), and under `extra` whatever else there is.
 *
 * @throws {ChatError} 400 in OpenAI's words.
 */
export function decodeRequest(value: unknown): ChatRequest {
  if (!isObject(value)) throw invalidRequest('The body must be a JSON object, such as {"model": …, "messages": […]}.')
  const body = fieldsOf(value)
  const model = body.string('model')
  if (model === undefined || model === '') throw invalidRequest('You must provide a model parameter.', 'model')
  const extra: Extra = {}
  const streamOptions = body.nested('stream_options')
  const format = readResponseFormat(body)
  const oldFunctionCall = asksByFunctions(body)
  const request: ChatRequest = compact({
    protocol: PROTOCOL,
    model,
    messages: readMessages(body.raw('messages')),
    stream: body.boolean('stream') ?? false,
    includeUsage: streamOptions?.boolean('include_usage'),
    tools: readTools(body),
    toolChoice: readToolChoice(body),
    parallelToolCalls: body.boolean('parallel_tool_calls') ?? (oldFunctionCall ? false : undefined),
    oldFunctionCall: oldFunctionCall || undefined,
    responseFormat: format?.format,
    reasoning: readReasoningOptions(body, extra),
    verbosity: body.string('verbosity'),
    maxTokens: body.integer('max_tokens'),
    maxCompletionTokens: body.integer('max_completion_tokens'),
    stop: readStop(body),
    temperature: body.number('temperature'),
    topP: body.number('top_p'),
    topK: body.integer('top_k'),
    frequencyPenalty: body.number('frequency_penalty'),
    presencePenalty: body.number('presence_penalty'),
    logitBias: readLogitBias(body),
    n: body.integer('n'),
    logprobs: body.boolean('logprobs'),
    topLogprobs: body.integer('top_logprobs'),
    seed: body.integer('seed'),
    user: body.string('user'),
    metadata: body.object('metadata'),
    serviceTier: body.string('service_tier'),
    promptCacheKey: body.string('prompt_cache_key'),
    store: body.boolean('store'),
  })
  const streamRest = streamOptions?.rest()
  if (streamRest) extra['stream_options'] = streamRest
  if (format?.rest) extra['response_format'] = format.rest
  Object.assign(extra, body.rest())
  if (Object.keys(extra).length > 0) request.extra = extra
  return request
}

function readLogitBias(body: Fields): Record<string, number> | undefined {
  const bias = body.object('logit_bias')
  if (!bias) return undefined
  return Object.fromEntries(
    Object.entries(bias).map(([token, value]) => {
      if (typeof value !== 'number') throw invalidType(`logit_bias.${token}`, 'a decimal', value)
      return [token, value]
    }),
  )
}
