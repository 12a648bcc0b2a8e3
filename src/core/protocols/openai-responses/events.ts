import type { ChatEvent } from '../../chat/index.ts'
import type { EventDecoder } from '../../translator/translator.ts'
import { isObject, listOf, messageOf, objects, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { AnswerExtra } from './answer-extra.ts'
import { failureOf, unexpectedAnswer } from './read-error.ts'
import type { ErrorReader } from './read-error.ts'
import { callOf, logProbsOf, reasoningText } from './read-items.ts'
import { cutShort, startOf } from './read-response.ts'
import { readUsage } from './usage.ts'

/**
 * Reads one streamed answer (openai-node `ResponseStreamEvent`).
 *
 * @param own Whether it is for a client of this format, which is told what only this format has a word for.
 */
export function responseDecoder(readError: ErrorReader, own = false): EventDecoder {
  const answer = new Answer(readError, own)
  return {
    push: ({ data }) => (data === '[DONE]' ? [] : answer.push(messageOf(data, unexpectedAnswer))),
    end: () => [],
  }
}

/** Reads a whole answer: each item as the last event of a stream tells it. */
export function readAnswer(body: unknown, readError: ErrorReader, own = false): ChatEvent[] {
  if (!isObject(body)) throw unexpectedAnswer('something that is no JSON object')
  const { output, status } = body
  if (!Array.isArray(output) && !isObject(body['error'])) throw unexpectedAnswer('an object without `output`')
  if (status === 'queued' || status === 'in_progress') throw unexpectedAnswer(`an answer that is ${status} still`)
  const answer = new Answer(readError, own)
  const events = answer.start(body)
  listOf(output).forEach((item, index) => isObject(item) && answer.itemDone(item, index, events))
  const type = typeof status === 'string' ? `response.${status}` : 'response.completed'
  events.push(...answer.push({ type, response: body }))
  return events
}

type ItemKind = 'call' | 'reasoning' | 'message'

/** One item of the output, by how much of it was told. */
interface OpenItem {
  kind: ItemKind
  /** Place among the answer's tool calls or pieces of reasoning. */
  index: number
  /** Length of the arguments or the reasoning told so far. */
  told: number
  /** By content part: the length told so far. */
  parts: number[]
}

/** The state of one answer. */
class Answer {
  readonly #readError: ErrorReader
  readonly #extra: AnswerExtra
  readonly #items = new Map<number, OpenItem>()
  #calls = 0
  #reasonings = 0
  #refused = false
  #started = false
  #finished = false
  /** Whether any item was told by an event of its own. */
  #told = false

  constructor(readError: ErrorReader, own: boolean) {
    this.#readError = readError
    this.#extra = new AnswerExtra(own)
  }

  push(event: JsonObject): ChatEvent[] {
    const { type } = event
    switch (type) {
      case 'response.output_text.delta':
        return this.#textDelta(event)
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#argumentsDelta(event)
      case 'response.reasoning_summary_text.delta':
        return this.#reasoningDelta(event, true)
      case 'response.reasoning_text.delta':
        return this.#reasoningDelta(event, false)
      case 'response.refusal.delta':
        return this.#refusalDelta(event)
      case 'response.reasoning_summary_part.added':
        return this.#summaryPart(event)
      case 'response.output_item.added': {
        const events: ChatEvent[] = []
        if (isObject(event['item'])) this.#itemAdded(event['item'], indexOf(event), events)
        return events
      }
      case 'response.output_item.done': {
        const events: ChatEvent[] = []
        if (isObject(event['item'])) this.itemDone(event['item'], indexOf(event), events)
        return events
      }
      case 'response.created':
        return isObject(event['response']) ? this.start(event['response']) : []
      case 'response.completed':
      case 'response.incomplete':
        return this.#end(event)
      case 'response.failed':
        throw failureOf(isObject(event['response']) ? event['response'] : event, this.#readError)
      case 'error':
        throw failureOf(event, this.#readError)
      case 'response.cancelled':
        throw failureOf({ message: 'The answer was cancelled.', code: 'response_cancelled' }, this.#readError)
      default:
        // What is told again in full when its item is done, and the progress of tools that OpenAI runs itself.
        return []
    }
  }

  start(response: JsonObject): ChatEvent[] {
    if (this.#started) return []
    this.#started = true
    return [startOf(response)]
  }

  #open(at: number, kind: ItemKind): OpenItem {
    const known = this.#items.get(at)
    // Servers that follow OpenAI may leave the place out, so that items of several kinds seem to have the same.
    if (known?.kind === kind) return known
    const index = kind === 'call' ? this.#calls++ : kind === 'reasoning' ? this.#reasonings++ : 0
    const item = { kind, index, told: 0, parts: [] }
    this.#items.set(at, item)
    return item
  }

  #textDelta(event: JsonObject): ChatEvent[] {
    const delta = event['delta']
    if (typeof delta !== 'string' || delta === '') return []
    const begun = this.#extra.says(indexOf(event), delta)
    this.#countPart(event, delta)
    const logprobs = logProbsOf(event['logprobs'])
    return [...begun, logprobs ? { type: 'text', text: delta, logprobs } : { type: 'text', text: delta }]
  }

  #refusalDelta(event: JsonObject): ChatEvent[] {
    const delta = event['delta']
    if (typeof delta !== 'string' || delta === '') return []
    const begun = this.#extra.says(indexOf(event), delta)
    this.#countPart(event, delta)
    this.#refused = true
    return [...begun, { type: 'refusal', text: delta }]
  }

  #countPart(event: JsonObject, delta: string): void {
    const { parts } = this.#open(indexOf(event), 'message')
    const at = typeof event['content_index'] === 'number' ? event['content_index'] : 0
    parts[at] = (parts[at] ?? 0) + delta.length
  }

  #argumentsDelta(event: JsonObject): ChatEvent[] {
    const delta = event['delta']
    const item = this.#items.get(indexOf(event))
    // Without the call's begin its id is not known; the whole of it comes when the item is done.
    if (typeof delta !== 'string' || delta === '' || item?.kind !== 'call') return []
    item.told += delta.length
    return [{ type: 'tool-call-delta', index: item.index, arguments: delta }]
  }

  #reasoningDelta(event: JsonObject, summary: boolean): ChatEvent[] {
    const delta = event['delta']
    if (typeof delta !== 'string' || delta === '') return []
    const item = this.#open(indexOf(event), 'reasoning')
    item.told += delta.length
    return [this.#reasoning(item.index, delta, summary)]
  }

  /** The parts of a summary are paragraphs of one text. */
  #summaryPart(event: JsonObject): ChatEvent[] {
    const item = this.#open(indexOf(event), 'reasoning')
    return item.told > 0 ? [this.#reasoning(item.index, '\n\n', true)] : []
  }

  #reasoning(index: number, words: string, summary: boolean): Extract<ChatEvent, { type: 'reasoning' }> {
    return { type: 'reasoning', index, text: words, ...(summary && { summary }), format: 'openai-responses-v1' }
  }

  #itemAdded(item: JsonObject, at: number, events: ChatEvent[]): void {
    events.push(...this.#extra.reads(item, at))
    const call = callOf(item)
    if (call && this.#items.get(at)?.kind !== 'call') {
      const { index } = this.#open(at, 'call')
      events.push({ type: 'tool-call', index, id: call.id, name: call.name, kind: call.kind })
    }
  }

  /** The whole item; what its deltas did not tell is told now. */
  itemDone(item: JsonObject, at: number, events: ChatEvent[]): void {
    this.#told = true
    switch (item['type']) {
      case 'message':
        return this.#messageDone(item, at, events)
      case 'function_call':
      case 'custom_tool_call':
        return this.#callDone(item, at, events)
      case 'reasoning':
        return this.#reasoningDone(item, at, events)
      default:
        this.#extra.keeps(item, at)
        events.push(this.#extra.event())
    }
  }

  #messageDone(item: JsonObject, at: number, events: ChatEvent[]): void {
    events.push(...this.#extra.reads(item, at))
    const { parts } = this.#open(at, 'message')
    let cited = false
    listOf(item['content']).forEach((part, index) => {
      if (!isObject(part)) return
      const told = parts[index] ?? 0
      const words = part['type'] === 'refusal' ? part['refusal'] : part['text']
      if (typeof words === 'string' && told === 0 && words !== '') {
        if (part['type'] === 'refusal') this.#refused = true
        const logprobs = logProbsOf(part['logprobs'])
        events.push(...this.#extra.says(at, words), {
          type: part['type'] === 'refusal' ? 'refusal' : 'text',
          text: words,
          ...(logprobs && { logprobs }),
        })
      }
      for (const annotation of objects(part['annotations'])) {
        cited = true
        this.#extra.cites(at, annotation)
      }
    })
    if (cited) events.push(this.#extra.event())
  }

  #callDone(item: JsonObject, at: number, events: ChatEvent[]): void {
    const call = callOf(item)
    if (!call) throw unexpectedAnswer('a tool call without an id or a name')
    this.#itemAdded(item, at, events)
    const open = this.#open(at, 'call')
    const rest = open.told === 0 ? call.arguments : ''
    if (rest !== '') events.push({ type: 'tool-call-delta', index: open.index, arguments: rest })
  }

  #reasoningDone(item: JsonObject, at: number, events: ChatEvent[]): void {
    const open = this.#open(at, 'reasoning')
    const id = text(item['id'])
    const encrypted = text(item['encrypted_content'])
    const { words, summary } = reasoningText(item)
    const event = this.#reasoning(open.index, open.told === 0 ? words : '', summary)
    if (id !== undefined) event.id = id
    if (encrypted !== undefined) event.encrypted = encrypted
    if (event.text !== '' || id !== undefined || encrypted !== undefined) events.push(event)
  }

  #end(event: JsonObject): ChatEvent[] {
    const response = isObject(event['response']) ? event['response'] : {}
    const events = this.start(response)
    if (this.#finished) return events
    this.#finished = true
    this.#untold(response['output'], events)
    const usage = readUsage(response['usage'])
    if (usage) events.push({ type: 'usage', usage })
    events.push(...this.#extra.ends(response))
    events.push(event['type'] === 'response.incomplete' ? cutShort(response) : this.#finish())
    return events
  }

  #finish(): ChatEvent {
    const reason = this.#calls > 0 ? 'tool_calls' : this.#refused ? 'refusal' : 'stop'
    return { type: 'finish', reason, native: 'completed' }
  }

  /**
   * Items that only the last event tells, of servers that stream none of them, or not to their end (NVIDIA-NeMo/Switchyard pull requests 777
   * and 796; router-for-me/CLIProxyAPI internal/translator/codex/claude/codex_claude_response.go, `hydrateOpenCodexFunctionCallFromTerminal`).
   */
  #untold(output: unknown, events: ChatEvent[]): void {
    // Those without a place are not known again by it.
    if (this.#told || this.#items.has(NO_PLACE) || !Array.isArray(output)) return
    output.forEach((item, at) => isObject(item) && this.itemDone(item, at, events))
  }
}

/** Some servers leave the index out; what they stream is one item then. */
const NO_PLACE = -1

function indexOf(event: JsonObject): number {
  return typeof event['output_index'] === 'number' ? event['output_index'] : NO_PLACE
}
