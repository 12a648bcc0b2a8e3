import type { ChatEvent, LogProbs, Usage } from '../../chat/index.ts'
import { provesCall, writeCallProof } from './call-proof.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { completionId, now, splitExtra, topLevelExtra } from './encode-parts.ts'
import { finishDetails, writeFinishReason } from './finish.ts'
import type { JsonObject } from '../json.ts'
import { writeBareSignature, writeReasoningDetails } from './reasoning.ts'
import { writeUsage } from './usage.ts'

type ReasoningEvent = Extract<ChatEvent, { type: 'reasoning' }>

/** The text around one choice's deltas, and what its finish depends on. */
interface OpenChoice {
  /** A chunk up to `"delta":{`. */
  head: string
  /** A chunk up to the text of `"content"`. */
  textHead: string
  refusal: boolean
  /** The last reasoning that said something, by its index. */
  thought: number | undefined
  /** The last proof of a call, which comes before the call. */
  proof: ReasoningEvent | undefined
  /** By the call's index: a chunk up to the text of its arguments, and what follows that text; `undefined` where it is not told. */
  calls: Map<number, { head: string; tail: string } | undefined>
}

/**
 * Writes one answer as OpenAI's stream of `chat.completion.chunk`. A delta costs one `JSON.stringify` of its text; all
 * around it is put together once an answer.
 */
export class ChunkEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #choices: OpenChoice[] = []
  /** What ends a chunk after `choices`: OpenAI says `"usage":null` on each, where usage was asked for. */
  readonly #close: string
  /** What ends a delta that has neither log probabilities nor a finish reason. */
  readonly #tail: string
  /** A chunk up to `"choices":`. */
  #head = ''
  #usage: Usage | undefined

  constructor(context: EncodeContext) {
    this.#context = context
    this.#close = context.includeUsage ? ',"usage":null}\n\n' : '}\n\n'
    this.#tail = `},"logprobs":null,"finish_reason":null}]${this.#close}`
  }

  push(event: ChatEvent): string {
    switch (event.type) {
      case 'text': {
        if (event.logprobs) return this.#logged(event, 'content')
        if (event.text === '') return ''
        const open = this.#choices[event.choice ?? 0]
        if (open) return open.textHead + JSON.stringify(event.text) + this.#tail
        const begun = this.#begin(event.choice)
        return begun.text + begun.choice.textHead + JSON.stringify(event.text) + this.#tail
      }
      case 'tool-call-delta': {
        const calls = this.#choices[event.choice ?? 0]?.calls
        const call = calls?.get(event.index)
        if (!call && calls?.has(event.index)) return ''
        if (!call) throw new TypeError(`tool-call-delta for call ${event.index}, which has not begun`)
        return event.arguments === '' ? '' : call.head + JSON.stringify(event.arguments) + call.tail
      }
      case 'reasoning': {
        const { text, choice } = this.#begin(event.choice)
        const delta = reasoningDelta(event, choice.thought === event.index)
        if (event.text !== '') choice.thought = event.index
        if (provesCall(event)) choice.proof = event
        return text + choice.head + delta + this.#tail
      }
      case 'tool-call': {
        const { text, choice } = this.#begin(event.choice)
        return text + this.#beginCall(choice, event)
      }
      case 'refusal':
        return this.#logged(event, 'refusal')
      case 'extra': {
        const { text, choice } = this.#begin(event.choice)
        const { choice: beside, message: within } = splitExtra(event.extra)
        const delta = fields(within).slice(1)
        return `${text}${choice.head}${delta}},"logprobs":null,"finish_reason":null${fields(beside)}}]${this.#close}`
      }
      case 'finish': {
        const { text, choice } = this.#begin(event.choice)
        return text + this.#finish(choice, event)
      }
      case 'start':
        if (this.#head !== '') return ''
        this.#start(event)
        return this.#begin(0).text
      case 'usage':
        this.#usage = event.usage
        return ''
    }
  }

  end(): string {
    if (!this.#context.includeUsage || !this.#usage) return 'data: [DONE]\n\n'
    if (this.#head === '') this.#start({ type: 'start' })
    return `${this.#head}[],"usage":${JSON.stringify(writeUsage(this.#usage))}}\n\ndata: [DONE]\n\n`
  }

  #start({ id, created, model, extra }: Extract<ChatEvent, { type: 'start' }>): void {
    const common: JsonObject = {
      id: id ?? completionId(),
      object: 'chat.completion.chunk',
      created: created ?? now(),
      model: model ?? this.#context.model,
      ...topLevelExtra(extra),
    }
    this.#head = `data: ${JSON.stringify(common).slice(0, -1)},"choices":`
  }

  /** The choice, and the chunk with its role where it is new. */
  #begin(index = 0): { choice: OpenChoice; text: string } {
    const known = this.#choices[index]
    if (known) return { choice: known, text: '' }
    if (this.#head === '') this.#start({ type: 'start' })
    const head = `${this.#head}[{"index":${index},"delta":{`
    const choice: OpenChoice = {
      head,
      textHead: `${head}"content":`,
      refusal: false,
      thought: undefined,
      proof: undefined,
      calls: new Map(),
    }
    this.#choices[index] = choice
    return { choice, text: `${head}"role":"assistant","content":"","refusal":null${this.#tail}` }
  }

  #beginCall(choice: OpenChoice, { index, id, name, kind }: Extract<ChatEvent, { type: 'tool-call' }>): string {
    if (this.#context.chat?.oldFunctionCall) return this.#beginFunctionCall(choice, index, name)
    const field = kind === 'custom' ? 'input' : 'arguments'
    const open = `${choice.head}"tool_calls":[{"index":${index}`
    choice.calls.set(index, { head: `${open},"${kind}":{"${field}":`, tail: `}}]${this.#tail}` })
    const named = `"id":${JSON.stringify(id)},"type":"${kind}","${kind}":{"name":${JSON.stringify(name)},"${field}":""}`
    const { proof } = choice
    const proven = proof?.id === id ? fields(writeCallProof(proof)) : ''
    return `${open},${named}${proven}}]${this.#tail}`
  }

  /** The old form has place for one call, the first: see encode.ts. */
  #beginFunctionCall(choice: OpenChoice, index: number, name: string): string {
    const open = `${choice.head}"function_call":{`
    const first = choice.calls.size === 0
    choice.calls.set(index, first ? { head: `${open}"arguments":`, tail: `}${this.#tail}` } : undefined)
    return first ? `${open}"name":${JSON.stringify(name)},"arguments":""}${this.#tail}` : ''
  }

  /** Words with their log probabilities. */
  #logged(event: Extract<ChatEvent, { type: 'text' | 'refusal' }>, field: 'content' | 'refusal'): string {
    const { text, choice } = this.#begin(event.choice)
    if (field === 'refusal') choice.refusal = true
    const logprobs = event.logprobs ? JSON.stringify(wholeLogProbs(event.logprobs)) : 'null'
    const delta = `"${field}":${JSON.stringify(event.text)}`
    return `${text}${choice.head}${delta}},"logprobs":${logprobs},"finish_reason":null}]${this.#close}`
  }

  #finish(choice: OpenChoice, { reason, native, stopSequence }: Extract<ChatEvent, { type: 'finish' }>): string {
    const { refusal, calls } = choice
    const { chat } = this.#context
    const toolCalls = calls.size > 0
    const written = writeFinishReason(reason, { refusal, toolCalls, oldFunctionCall: chat?.oldFunctionCall })
    const details = fields(finishDetails({ reason, native, stopSequence, written }))
    return `${choice.head}},"logprobs":null,"finish_reason":${JSON.stringify(written)}${details}}]${this.#close}`
  }
}

/** @param goesOn whether the same reasoning has said something before */
function reasoningDelta(event: ReasoningEvent, goesOn: boolean): string {
  const { text, index, format, summary, signature, encrypted, id } = event
  const words = JSON.stringify(text)
  // Nearly every delta is plain text, so that its one detail is not worth an object.
  if (text !== '' && !summary && signature === undefined && encrypted === undefined && id === undefined) {
    const detail = `{"type":"reasoning.text","text":${words},"format":"${format ?? 'unknown'}","index":${index}}`
    return `"reasoning_content":${words},"reasoning_details":[${detail}]`
  }
  const closing = goesOn && text === '' && encrypted === undefined ? writeBareSignature(event, index) : undefined
  // Where only the last of each field is kept, no fragment is taken for the whole text.
  if (closing) return `"reasoning_content":null,"reasoning_details":[${JSON.stringify(closing)}]`
  const details = `"reasoning_details":${JSON.stringify(writeReasoningDetails(event, index))}`
  return text === '' ? details : `"reasoning_content":${words},${details}`
}

function wholeLogProbs({ content, refusal }: LogProbs): JsonObject {
  return { content: content ?? null, refusal: refusal ?? null }
}

/** The fields of an object as JSON, each after a comma. */
function fields(object: Record<string, unknown>): string {
  const json = JSON.stringify(object)
  return json === '{}' ? '' : `,${json.slice(1, -1)}`
}
