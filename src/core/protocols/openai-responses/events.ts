import type { ChatEvent, Extra, FinishReason, LogProbs } from '../../chat/index.ts'
import type { EventDecoder, Frame } from '../../upstream/translator.ts'
import { isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { imagesOf } from './items.ts'
import { flatName } from './namespace.ts'
import { OwnFacts } from './own-facts.ts'
import { failureOf, unexpectedAnswer } from './read-error.ts'
import type { ErrorReader } from './read-error.ts'
import { readUsage } from './usage.ts'
import { keep } from './wire.ts'

/**
 * Reads one streamed answer (openai-node `ResponseStreamEvent`).
 *
 * @param own Whether it is for a client of this format, which is told what only this format has a word for.
 */
export function responseDecoder(readError: ErrorReader, own = false): EventDecoder {
  const answer = new Answer(readError, own)
  return {
    push: (frame) => (frame.data === '[DONE]' ? [] : answer.push(parse(frame))),
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
  const items: unknown[] = Array.isArray(output) ? output : []
  items.forEach((item, index) => isObject(item) && answer.itemDone(item, index, events))
  const type = typeof status === 'string' ? `response.${status}` : 'response.completed'
  events.push(...answer.push({ type, response: body }))
  return events
}

function parse({ data }: Frame): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    throw unexpectedAnswer('a stream event that is no JSON')
  }
  if (!isObject(value)) throw unexpectedAnswer('a stream event that is no JSON object')
  return value
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
  readonly #own: OwnFacts | undefined
  readonly #items = new Map<number, OpenItem>()
  /** Annotations and whole items that have no event; each `extra` event has them all so far. */
  readonly #annotations: JsonObject[] = []
  readonly #cited: JsonObject[] = []
  readonly #raw: JsonObject[] = []
  readonly #images: JsonObject[] = []
  #calls = 0
  #reasonings = 0
  #refused = false
  #started = false
  #finished = false
  /** Whether any item was told by an event of its own. */
  #told = false

  constructor(readError: ErrorReader, own: boolean) {
    this.#readError = readError
    this.#own = own ? new OwnFacts() : undefined
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
    const [id, model, created, tier] = [
      text(response['id']),
      text(response['model']),
      response['created_at'],
      text(response['service_tier']),
    ]
    return [
      {
        type: 'start',
        ...(id !== undefined && { id }),
        ...(model !== undefined && { model }),
        ...(typeof created === 'number' && { created: Math.floor(created) }),
        ...(tier !== undefined && tier !== 'auto' && { extra: { service_tier: tier } }),
      },
    ]
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
    const begun = this.#saying(indexOf(event), delta)
    this.#countPart(event, delta)
    const logprobs = logProbsOf(event['logprobs'])
    return [...begun, logprobs ? { type: 'text', text: delta, logprobs } : { type: 'text', text: delta }]
  }

  #refusalDelta(event: JsonObject): ChatEvent[] {
    const delta = event['delta']
    if (typeof delta !== 'string' || delta === '') return []
    const begun = this.#saying(indexOf(event), delta)
    this.#countPart(event, delta)
    this.#refused = true
    return [...begun, { type: 'refusal', text: delta }]
  }

  /** Words of a message, with what is to be told before its first. */
  #saying(at: number, words: string): ChatEvent[] {
    return this.#own?.says(at, words) ? [this.#wire()] : []
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
    if (this.#own?.reads(item, at)) events.push(this.#wire())
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
        this.#raw.push({ at, item })
        // A client of this format has it whole.
        if (!this.#own) this.#images.push(...imagesOf(item))
        events.push(this.#extra())
    }
  }

  #messageDone(item: JsonObject, at: number, events: ChatEvent[]): void {
    if (this.#own?.reads(item, at)) events.push(this.#wire())
    const { parts } = this.#open(at, 'message')
    const content: unknown[] = Array.isArray(item['content']) ? item['content'] : []
    let cited = false
    content.forEach((part, index) => {
      if (!isObject(part)) return
      const told = parts[index] ?? 0
      const words = part['type'] === 'refusal' ? part['refusal'] : part['text']
      if (typeof words === 'string' && told === 0 && words !== '') {
        if (part['type'] === 'refusal') this.#refused = true
        const logprobs = logProbsOf(part['logprobs'])
        events.push(...this.#saying(at, words), {
          type: part['type'] === 'refusal' ? 'refusal' : 'text',
          text: words,
          ...(logprobs && { logprobs }),
        })
      }
      for (const annotation of Array.isArray(part['annotations']) ? (part['annotations'] as unknown[]) : []) {
        if (!isObject(annotation)) continue
        cited = true
        this.#annotations.push(annotation)
        this.#own?.cites(at, annotation)
        if (annotation['type'] === 'url_citation') this.#cited.push(chatCitation(annotation))
      }
    })
    if (cited) events.push(this.#extra())
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

  /** Citations and images as Chat Completions has them, and all of it as it came for clients of this format. */
  #extra(): ChatEvent {
    const named: Extra = {}
    if (this.#cited.length > 0) named['annotations'] = [...this.#cited]
    if (this.#images.length > 0) named['images'] = [...this.#images]
    return this.#wire(named)
  }

  #wire(named: Extra = {}): ChatEvent {
    // Events are read when more of them are known: what comes later is not of this one.
    const wire = { annotations: [...this.#annotations], items: [...this.#raw], ...this.#own?.facts }
    return { type: 'extra', extra: keep(wire, named) }
  }

  #end(event: JsonObject): ChatEvent[] {
    const response = isObject(event['response']) ? event['response'] : {}
    const events = this.start(response)
    if (this.#finished) return events
    this.#finished = true
    this.#untold(response['output'], events)
    const usage = readUsage(response['usage'])
    if (usage) events.push({ type: 'usage', usage })
    if (this.#own?.ends(response)) events.push(this.#wire())
    events.push(this.#finish(event['type'] === 'response.incomplete', response['incomplete_details']))
    return events
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

  #finish(incomplete: boolean, details: unknown): ChatEvent {
    if (!incomplete) {
      const reason: FinishReason = this.#calls > 0 ? 'tool_calls' : this.#refused ? 'refusal' : 'stop'
      return { type: 'finish', reason, native: 'completed' }
    }
    const native = (isObject(details) ? text(details['reason']) : undefined) ?? 'incomplete'
    return { type: 'finish', reason: INCOMPLETE.get(native) ?? 'error', native }
  }
}

/**
 * `incomplete_details.reason` (openai-node `Response.IncompleteDetails`). One that was steered stopped where it could, and is gone on with by
 * a next one that knows what the user said meanwhile.
 */
const INCOMPLETE = new Map<string, FinishReason>([
  ['max_output_tokens', 'length'],
  ['max_messages', 'length'],
  ['steered', 'pause'],
  ['max_tokens', 'length'],
  ['content_filter', 'content_filter'],
])

/** Some servers leave the index out; what they stream is one item then. */
const NO_PLACE = -1

function indexOf(event: JsonObject): number {
  return typeof event['output_index'] === 'number' ? event['output_index'] : NO_PLACE
}

function callOf(
  item: JsonObject,
): { id: string; name: string; kind: 'function' | 'custom'; arguments: string } | undefined {
  const { type, namespace } = item
  if (type !== 'function_call' && type !== 'custom_tool_call') return undefined
  const kind = type === 'custom_tool_call' ? 'custom' : 'function'
  const id = text(item['call_id']) ?? text(item['id'])
  const own = text(item['name'])
  if (id === undefined || own === undefined) return undefined
  const name = typeof namespace === 'string' && namespace !== '' ? flatName({ namespace, name: own }) : own
  return { id, name, kind, arguments: text(kind === 'custom' ? item['input'] : item['arguments']) ?? '' }
}

/** The text of a reasoning item: its summary, or where there is none the reasoning itself. */
export function reasoningText(item: JsonObject): { words: string; summary: boolean } {
  const summary = textsOf(item['summary'])
  if (summary.length > 0) return { words: summary.join('\n\n'), summary: true }
  const content = textsOf(item['content'])
  return { words: content.join(''), summary: content.length === 0 }
}

function textsOf(parts: unknown): string[] {
  if (!Array.isArray(parts)) return []
  return parts.flatMap((part: unknown) => (isObject(part) && typeof part['text'] === 'string' ? [part['text']] : []))
}

function logProbsOf(value: unknown): LogProbs | undefined {
  return Array.isArray(value) && value.length > 0 ? { content: value as unknown[] } : undefined
}

/** A citation as Chat Completions has it: its fields one level deeper. */
function chatCitation({ type, ...citation }: JsonObject): JsonObject {
  return { type, url_citation: citation }
}
