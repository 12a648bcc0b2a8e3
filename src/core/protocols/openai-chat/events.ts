import type { ChatEvent, Extra, LogProbs } from '../../chat/index.ts'
import { badAnswer } from '../../upstream/error.ts'
import type { EventDecoder, Frame, UpstreamErrorInfo } from '../../translator/translator.ts'
import { choiceIndex } from '../choice-index.ts'
import { readFinishReason } from './finish.ts'
import { isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { errorInAnswer } from './read-error.ts'
import { ReasoningSlots, readReasoningDetail } from './reasoning.ts'
import { ToolCalls } from './tool-calls.ts'
import { readUsage } from './usage.ts'

type ErrorReader = (body: unknown) => UpstreamErrorInfo | undefined

/** Reads one streamed answer. What follows its last word is not read, as OpenAI's client does not (openai-node src/core/streaming.ts). */
export function chunkDecoder(readError: ErrorReader): EventDecoder {
  const completion = new Completion(readError)
  let done = false
  return {
    push(frame) {
      if (done) return []
      done = frame.data.startsWith('[DONE]')
      if (done) return completion.end()
      return completion.push(parse(frame, readError))
    },
    end: () => completion.end(),
  }
}

/** Reads a whole answer. Its messages are what a stream's deltas would be in one piece. */
export function readAnswer(body: unknown, readError: ErrorReader): ChatEvent[] {
  const completion = new Completion(readError)
  if (!isObject(body)) throw badAnswer('The provider', 'something that is no JSON object')
  if (!body['error'] && !Array.isArray(body['choices'])) throw badAnswer('The provider', 'an object without `choices`')
  return [...completion.push(body), ...completion.end()]
}

function parse({ event, data }: Frame, readError: ErrorReader): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    throw badAnswer('The provider', 'a stream event that is no JSON')
  }
  if (event === 'error') throw errorInAnswer(value, readError)
  if (!isObject(value)) throw badAnswer('The provider', 'a stream event that is no JSON object')
  return value
}

/** Fields of a chunk that have events of their own, or say nothing: `obfuscation` is padding against traffic analysis. */
const CHUNK_FIELDS = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'error', 'obfuscation'])
/** Fields of a choice that are read by name. */
const CHOICE_FIELDS = new Set([
  'index',
  'delta',
  'message',
  'logprobs',
  'finish_reason',
  'native_finish_reason',
  'stop_reason',
  'usage',
])
/** Fields of a delta that are read by name. */
const DELTA_FIELDS = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
])

/** The state of one answer. */
class Completion {
  readonly #readError: ErrorReader
  readonly #choices = new Map<number, Choice>()
  readonly #known = new Set<string>()
  #started = false
  /** What came before the answer began, such as Azure's `prompt_filter_results`. */
  #early: Extra = {}

  constructor(readError: ErrorReader) {
    this.#readError = readError
  }

  push(chunk: JsonObject): ChatEvent[] {
    if (chunk['error']) throw errorInAnswer(chunk, this.#readError)
    const events: ChatEvent[] = []
    const extra = this.#newFields(chunk)
    const choices: unknown = chunk['choices']
    const any = Array.isArray(choices) && choices.length > 0
    if (!this.#started && (any || text(chunk['id']) !== undefined)) this.#start(chunk, extra, events)
    else if (extra && this.#started) events.push({ type: 'extra', extra })
    else if (extra) Object.assign(this.#early, extra)

    if (any) for (const choice of choices as unknown[]) this.#pushChoice(choice, events)
    const usage = readUsage(chunk['usage']) ?? readUsage(groqUsage(chunk))
    if (usage) events.push({ type: 'usage', usage })
    return events
  }

  end(): ChatEvent[] {
    const events: ChatEvent[] = []
    for (const choice of this.#choices.values()) choice.end(events)
    return events
  }

  #start(chunk: JsonObject, extra: Extra | undefined, events: ChatEvent[]): void {
    this.#started = true
    const all = { ...this.#early, ...extra }
    const [id, model, created] = [text(chunk['id']), text(chunk['model']), chunk['created']]
    events.push({
      type: 'start',
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(typeof created === 'number' && { created }),
      ...(Object.keys(all).length > 0 && { extra: all }),
    })
  }

  /** Fields of the chunk that were not met before; servers repeat theirs on every chunk. */
  #newFields(chunk: JsonObject): Extra | undefined {
    let fields: Extra | undefined
    for (const name in chunk) {
      if (CHUNK_FIELDS.has(name) || this.#known.has(name)) continue
      const value = chunk[name]
      if (value === null || value === undefined) continue
      this.#known.add(name)
      ;(fields ??= {})[name] = value
    }
    return fields
  }

  #pushChoice(value: unknown, events: ChatEvent[]): void {
    if (!isObject(value)) return
    // OpenRouter tells here too what broke behind it (openrouter.ai/docs/api-reference/overview, `StreamingChoice`).
    if (value['finish_reason'] === 'error' && isObject(value['error'])) throw errorInAnswer(value, this.#readError)
    if (value['finish_reason'] === 'error_finish') throw errorInAnswer(dashScopeError(value), this.#readError)
    const index = choiceIndex(value['index'], 0)
    let choice = this.#choices.get(index)
    if (!choice) this.#choices.set(index, (choice = new Choice(index)))
    choice.push(value, events)
    // Moonshot counts within the choice that ends the answer.
    const usage = value['usage'] === undefined ? undefined : readUsage(value['usage'])
    if (usage) events.push({ type: 'usage', usage })
  }
}

/**
 * What DashScope says of an error in place of the answer's words, such as `Throttling: TPM(1/1)`.
 *
 * Source: QwenLM/qwen-code packages/core/src/core/openaiContentGenerator/pipeline.ts, `processStreamWithLogging`.
 */
function dashScopeError({ delta }: JsonObject): JsonObject {
  const words = isObject(delta) ? text(delta['content']) : undefined
  const code = /^\w+(?:\.\w+)*(?=: )/.exec(words ?? '')?.[0]
  return { error: { message: words, code } }
}

/** Groq's own place for usage in streams. */
function groqUsage(chunk: JsonObject): unknown {
  const groq = chunk['x_groq']
  return isObject(groq) ? groq['usage'] : undefined
}

/** The state of one choice. */
class Choice {
  readonly #at: { choice?: number }
  readonly #toolCalls: ToolCalls
  readonly #reasoning = new ReasoningSlots()
  #refusal = false
  /** Told at the end: servers exist that send a reason with every chunk, or deltas after it. */
  #finish: { word: string; native: string | undefined; stopSequence: string | undefined } | undefined

  constructor(index: number) {
    this.#at = index === 0 ? {} : { choice: index }
    this.#toolCalls = new ToolCalls(index)
  }

  push(choice: JsonObject, events: ChatEvent[]): void {
    const delta = isObject(choice['delta']) ? choice['delta'] : choice['message']
    const before = events.length
    if (isObject(delta)) this.#pushDelta(delta, events)
    this.#pushLogProbs(choice['logprobs'], events, before)
    this.#pushExtra(choice, CHOICE_FIELDS, events)
    const word = text(choice['finish_reason'])
    if (word !== undefined) {
      const [native, stop] = [text(choice['native_finish_reason']), text(choice['stop_reason'])]
      this.#finish = { word, native, stopSequence: stop }
    }
  }

  end(events: ChatEvent[]): void {
    this.#toolCalls.end(events)
    if (!this.#finish) return
    const { word, native, stopSequence } = this.#finish
    this.#finish = undefined
    events.push({
      type: 'finish',
      reason: readFinishReason(word, native, { toolCalls: this.#toolCalls.any, refusal: this.#refusal }),
      native: native ?? word,
      ...(stopSequence !== undefined && { stopSequence }),
      ...this.#at,
    })
  }

  #pushDelta(delta: JsonObject, events: ChatEvent[]): void {
    this.#pushReasoning(delta, events)
    const { content, refusal, tool_calls: calls } = delta
    if (typeof content === 'string') this.#pushText(content, events)
    else if (Array.isArray(content)) for (const part of content) this.#pushPart(part, events)
    if (typeof refusal === 'string' && refusal !== '') {
      this.#refusal = true
      events.push({ type: 'refusal', text: refusal, ...this.#at })
    }
    if (Array.isArray(calls)) for (const call of calls) this.#toolCalls.push(call, events)
    if (delta['function_call']) this.#toolCalls.pushFunctionCall(delta['function_call'], events)
    this.#pushExtra(delta, DELTA_FIELDS, events)
  }

  #pushText(words: string, events: ChatEvent[]): void {
    if (words !== '') events.push({ type: 'text', text: words, ...this.#at })
  }

  /** Mistral's content in parts: text, `thinking` that holds more parts, and others, which are passed on as they are. */
  #pushPart(part: unknown, events: ChatEvent[]): void {
    if (!isObject(part)) return
    const { type, text: words, thinking } = part
    if (type === 'text' && typeof words === 'string') return this.#pushText(words, events)
    if (type !== 'thinking') {
      events.push({ type: 'extra', extra: { content_parts: [part] }, ...this.#at })
      return
    }
    const parts: unknown[] = Array.isArray(thinking) ? thinking : [{ text: thinking }]
    for (const inner of parts) if (isObject(inner)) this.#pushPlainReasoning(text(inner['text']), events)
  }

  /** `reasoning_details` tell more; the plain fields repeat their text. */
  #pushReasoning(delta: JsonObject, events: ChatEvent[]): void {
    const { reasoning_details: details, reasoning_content: content, reasoning } = delta
    let told = false
    if (Array.isArray(details)) {
      const unknown: unknown[] = []
      for (const detail of details as unknown[]) {
        const piece = readReasoningDetail(detail)
        if (!piece) {
          unknown.push(detail)
          continue
        }
        const { index: _, extra: __, ...rest } = piece
        if (piece.text !== '') told = true
        events.push({ type: 'reasoning', index: this.#reasoning.of(piece), ...rest, ...this.#at })
      }
      if (unknown.length > 0) events.push({ type: 'extra', extra: { reasoning_details: unknown }, ...this.#at })
    }
    if (!told) this.#pushPlainReasoning(text(content) ?? text(reasoning), events)
  }

  #pushPlainReasoning(words: string | undefined, events: ChatEvent[]): void {
    if (words === undefined) return
    events.push({ type: 'reasoning', index: this.#reasoning.of({ text: words }), text: words, ...this.#at })
  }

  /** Put on the words they belong to, or on an empty text where there are none. */
  #pushLogProbs(value: unknown, events: ChatEvent[], from: number): void {
    if (!isObject(value)) return
    const logprobs: LogProbs = {}
    if (Array.isArray(value['content'])) logprobs.content = value['content']
    if (Array.isArray(value['refusal'])) logprobs.refusal = value['refusal']
    if (!logprobs.content?.length && !logprobs.refusal?.length) return
    const words = events.slice(from).find((event) => event.type === 'text' || event.type === 'refusal')
    if (words) words.logprobs = logprobs
    else events.push({ type: 'text', text: '', logprobs, ...this.#at })
  }

  #pushExtra(object: JsonObject, known: Set<string>, events: ChatEvent[]): void {
    let extra: Extra | undefined
    for (const name in object) {
      if (known.has(name)) continue
      const value = object[name]
      const empty = value === null || value === undefined || (Array.isArray(value) && value.length === 0)
      if (!empty) (extra ??= {})[name] = value
    }
    if (extra) events.push({ type: 'extra', extra, ...this.#at })
  }
}
