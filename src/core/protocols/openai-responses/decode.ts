import { invalidRequest } from '../../chat/index.ts'
import type { ChatRequest, Extra, ReasoningOptions } from '../../chat/index.ts'
import { fieldsOf } from '../openai-chat/fields.ts'
import type { Fields } from '../fields.ts'
import { compact, isObject, texts } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { askingForSummary, TRIGGER } from './compaction.ts'
import { asUpdated } from './configuration.ts'
import { readInput } from './decode-input.ts'
import { readResponseFormat, readToolChoice, readTools } from './decode-tools.ts'
import { FORMAT, keep } from './wire.ts'

/**
 * Fields that say how OpenAI itself is to go about the request, and without which any other provider's answer is as right.
 * They go to a provider that speaks this format and are left out for others.
 */
const HINTS_KEPT = [
  'include',
  'truncation',
  'stream_options',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'max_tool_calls',
  'client_metadata',
] as const

/**
 * Reads the body of `POST /v1/responses` (openai-node `ResponseCreateParams`): every field of OpenAI's, and under `extra`
 * whatever else there is. That includes what refers to a state kept elsewhere (`previous_response_id`, `conversation`,
 * `prompt`), for a provider to refuse.
 *
 * @throws {ChatError} 400 in OpenAI's words.
 */
export function decodeRequest(value: unknown): ChatRequest {
  if (!isObject(value)) throw invalidRequest('The body must be a JSON object, such as {"model": …, "input": …}.')
  const body = fieldsOf(value)
  const model = body.string('model')
  if (model === undefined || model === '') throw invalidRequest('You must provide a model parameter.', 'model')
  const text = body.nested('text')
  const hints: JsonObject = {}
  const include = texts(body.array('include'))
  const input = inputOf(body)
  const request: ChatRequest = compact({
    protocol: FORMAT,
    model,
    messages: readInput(body.string('instructions'), input),
    stream: body.boolean('stream') ?? false,
    includeUsage: true,
    tools: readTools(body, input),
    toolChoice: readToolChoice(body),
    parallelToolCalls: body.boolean('parallel_tool_calls'),
    responseFormat: readResponseFormat(text),
    reasoning: readReasoning(body, hints),
    verbosity: text?.string('verbosity'),
    maxCompletionTokens: body.integer('max_output_tokens'),
    temperature: body.number('temperature'),
    topP: body.number('top_p'),
    logprobs: include.includes('message.output_text.logprobs') || undefined,
    topLogprobs: body.integer('top_logprobs'),
    user: body.string('user'),
    metadata: body.object('metadata'),
    serviceTier: body.string('service_tier'),
    promptCacheKey: body.string('prompt_cache_key'),
    store: body.boolean('store'),
  })
  for (const name of HINTS_KEPT) {
    const hint = body.raw(name)
    if (hint !== undefined) hints[name] = hint
  }
  const extra: Extra = { ...body.rest() }
  // What is so anyway.
  if (extra['background'] === false) delete extra['background']
  const textRest = text?.rest()
  if (textRest) extra['text'] = textRest
  request.extra = keep(hints, extra)
  const updated = asUpdated(request, input)
  return endsInTrigger(input) ? askingForSummary(updated) : updated
}

function endsInTrigger(input: unknown): boolean {
  const last: unknown = Array.isArray(input) ? input.at(-1) : undefined
  return isObject(last) && last['type'] === TRIGGER
}

/** A request may go on from a stored state without a word of its own. */
function inputOf(body: Fields): unknown {
  const input = body.raw('input')
  const stored = body.has('previous_response_id') || body.has('conversation') || body.has('prompt')
  if (input === undefined && !stored) {
    throw invalidRequest("Missing required parameter: 'input'. It is text, or a list of items.", 'input')
  }
  return input ?? []
}

function readReasoning(body: Fields, hints: JsonObject): ReasoningOptions | undefined {
  const reasoning = body.nested('reasoning')
  if (!reasoning) return undefined
  const options: ReasoningOptions = compact({
    effort: reasoning.string('effort'),
    // The old name of the same.
    summary: reasoning.string('summary') ?? reasoning.string('generate_summary'),
  })
  const rest = reasoning.rest()
  if (rest) hints['reasoning'] = rest
  return Object.keys(options).length > 0 ? options : undefined
}
