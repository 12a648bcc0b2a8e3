import type { ChatEvent, ChatRequest, Extra } from '../../chat/index.ts'
import type { EventDecoder, Frame } from '../../translator/translator.ts'
import { BLOCKS, CALLERS, CITATIONS } from './blocks.ts'
import type { KeptBlock, KeptCitations, Place } from './blocks.ts'
import { errorInAnswer, unexpectedAnswer } from './errors.ts'
import { readStopReason } from './finish.ts'
import { compact, isObject, listOf, parseJson, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { readUsage } from './usage.ts'

const FORMAT = 'anthropic-claude-v1'

/** A content block that has begun. */
type OpenBlock =
  | { kind: 'text'; from: Place; citations: unknown[] }
  | { kind: 'reasoning'; index: number }
  | { kind: 'tool'; index: number; custom: boolean; input: unknown; json: string; told: boolean }
  /** One the neutral model has no words for: put together whole. */
  | { kind: 'other'; block: JsonObject; json: string }

/** Fields of `message_start.message` that have events of their own, or always say the same. */
const MESSAGE_FIELDS = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage'])

/**
 * Reads an answer's events, `RawMessageStreamEvent` of @anthropic-ai/sdk resources/messages/messages.d.ts. Types unknown
 * here are passed over, as Anthropic asks of clients; unknown content blocks are kept.
 */
export class MessageDecoder implements EventDecoder {
  readonly #customTools: ReadonlySet<string>
  readonly #blocks: (OpenBlock | undefined)[] = []
  readonly #kept: KeptBlock[] = []
  readonly #cited: KeptCitations[] = []
  readonly #callers: Extra = {}
  /** The id of the message that has begun and not ended. */
  #open: string | undefined
  #usage: JsonObject = {}
  #toolCalls = 0
  #reasonings = 0
  #finished = false
  // Where the answer stands as it is folded: texts that follow each other are one part.
  #parts = 0
  #inText = false
  #textLength = 0

  /** @param chat The request, for what the answer alone does not tell: which tools take free text. */
  constructor(chat?: ChatRequest) {
    this.#customTools = new Set(chat?.tools?.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])))
  }

  push({ event, data }: Frame): ChatEvent[] {
    const value = parseJson(data)
    if (!isObject(value)) {
      // A bare `event: ping` has no data worth reading.
      if (event === 'ping') return []
      throw unexpectedAnswer('a stream event that is no JSON object')
    }
    const events: ChatEvent[] = []
    this.#push(value, events)
    return events
  }

  end(): ChatEvent[] {
    return []
  }

  /** A whole message, as the events a stream would have told it with. */
  whole(body: unknown): ChatEvent[] {
    if (!isObject(body)) throw unexpectedAnswer('something that is no JSON object')
    if (body['type'] === 'error') throw errorInAnswer(body)
    const { content } = body
    if (!Array.isArray(content)) throw unexpectedAnswer('an object without `content`')
    const events: ChatEvent[] = []
    this.#start(body, events)
    this.#wholeBlocks(content, events)
    const { stop_reason, stop_sequence } = body
    this.#finish({ delta: { stop_reason, stop_sequence } }, events)
    return events
  }

  #push(value: JsonObject, events: ChatEvent[]): void {
    switch (value['type']) {
      case 'content_block_delta':
        return this.#delta(value['index'], value['delta'], events)
      case 'content_block_start':
        return this.#startBlock(value['index'], value['content_block'], events)
      case 'content_block_stop':
        return this.#stopBlock(value['index'], events)
      case 'message_start':
        return this.#begin(value['message'], events)
      case 'message_stop':
        this.#open = undefined
        return
      case 'message_delta':
        return this.#finish(value, events)
      case 'error':
        throw errorInAnswer(value)
    }
  }

  /**
   * A message may begin with what it has: calls of a program that go on with no word of the model's (vercel/ai
   * packages/anthropic/src/__fixtures__/anthropic-programmatic-tool-calling.1.chunks.txt), whose stop reason stands there too.
   *
   * Another that begins within it is a generation of its own, by a proxy that lost the first: seen behind Vertex (vercel/ai issue 18331).
   * Put together they are calls that were cut, and thoughts that Anthropic refuses in the next request.
   */
  #begin(message: unknown, events: ChatEvent[]): void {
    if (!isObject(message)) throw unexpectedAnswer('a `message_start` without a message')
    const id = text(message['id'])
    if (this.#open !== undefined && this.#open !== id && this.#blocks.length > 0) {
      throw unexpectedAnswer('a `message_start` of another message within one')
    }
    this.#open = id
    this.#start(message, events)
    const { content, stop_reason, stop_sequence } = message
    if (Array.isArray(content)) this.#wholeBlocks(content, events)
    this.#finish({ delta: { stop_reason, stop_sequence } }, events)
  }

  #wholeBlocks(content: unknown[], events: ChatEvent[]): void {
    content.forEach((block, index) => {
      this.#startBlock(index, block, events)
      this.#stopBlock(index, events)
    })
  }

  #start(message: JsonObject, events: ChatEvent[]): void {
    const extra = rest(message, MESSAGE_FIELDS)
    const { id, model, usage } = message
    events.push(compact({ type: 'start', id: text(id), model: text(model), extra }))
    this.#count(usage, events)
  }

  #startBlock(index: unknown, block: unknown, events: ChatEvent[]): void {
    if (typeof index !== 'number' || !isObject(block)) throw unexpectedAnswer('a `content_block_start` without a block')
    switch (block['type']) {
      case 'text': {
        const citations = [...listOf(block['citations'])]
        this.#blocks[index] = { kind: 'text', from: this.#place(), citations }
        return this.#text(block['text'], events)
      }
      case 'thinking': {
        const open = { kind: 'reasoning', index: this.#startReasoning() } as const
        this.#blocks[index] = open
        const [words, signature] = [text(block['thinking']), text(block['signature'])]
        if (words !== undefined || signature !== undefined) {
          events.push(reasoning(open.index, words ?? '', signature === undefined ? {} : { signature }))
        }
        return
      }
      case 'redacted_thinking': {
        const { data } = block
        if (typeof data !== 'string') throw unexpectedAnswer('a `redacted_thinking` block without data')
        events.push(reasoning(this.#startReasoning(), '', { encrypted: data }))
        return
      }
      case 'tool_use':
        return this.#startTool(index, block, events)
      default:
        this.#blocks[index] = { kind: 'other', block: { ...block }, json: '' }
    }
  }

  #startReasoning(): number {
    this.#parts++
    this.#inText = false
    return this.#reasonings++
  }

  #startTool(at: number, block: JsonObject, events: ChatEvent[]): void {
    const { id, name, input, caller, toolset_name: toolset } = block
    if (typeof id !== 'string' || typeof name !== 'string') throw unexpectedAnswer('a tool call without id or name')
    const direct = !isObject(caller) || caller['type'] === 'direct'
    if (!direct || typeof toolset === 'string') {
      this.#callers[id] = compact({ caller: direct ? undefined : caller, toolset_name: toolset ?? undefined })
      events.push({ type: 'extra', extra: { [CALLERS]: { ...this.#callers } } })
    }
    const index = this.#toolCalls++
    this.#parts++
    this.#inText = false
    const custom = this.#customTools.has(name)
    this.#blocks[at] = { kind: 'tool', index, custom, input, json: '', told: false }
    events.push({ type: 'tool-call', index, id, name, kind: custom ? 'custom' : 'function' })
  }

  #delta(index: unknown, delta: unknown, events: ChatEvent[]): void {
    if (!isObject(delta)) throw unexpectedAnswer('a `content_block_delta` without a delta')
    const type = delta['type']
    if (type === 'text_delta') return this.#text(delta['text'], events)
    const open = typeof index === 'number' ? this.#blocks[index] : undefined
    if (!open) throw unexpectedAnswer('a delta of a content block that has not begun')
    switch (open.kind) {
      case 'tool': {
        const fragment = delta['partial_json']
        if (type !== 'input_json_delta' || typeof fragment !== 'string' || fragment === '') return
        if (open.custom) {
          open.json += fragment
          return
        }
        open.told = true
        events.push({ type: 'tool-call-delta', index: open.index, arguments: fragment })
        return
      }
      case 'reasoning': {
        const { thinking: words, signature } = delta
        if (type === 'thinking_delta' && typeof words === 'string' && words !== '') {
          events.push(reasoning(open.index, words, {}))
        } else if (type === 'signature_delta' && typeof signature === 'string' && signature !== '') {
          events.push(reasoning(open.index, '', { signature }))
        }
        return
      }
      case 'text':
        if (type === 'citations_delta') open.citations.push(delta['citation'])
        return
      case 'other':
        if (type === 'input_json_delta') open.json += text(delta['partial_json']) ?? ''
        else append(open.block, delta)
    }
  }

  #text(words: unknown, events: ChatEvent[]): void {
    if (typeof words !== 'string' || words === '') return
    if (!this.#inText) {
      this.#inText = true
      this.#textLength = 0
      this.#parts++
    }
    this.#textLength += words.length
    events.push({ type: 'text', text: words })
  }

  #stopBlock(index: unknown, events: ChatEvent[]): void {
    const open = typeof index === 'number' ? this.#blocks[index] : undefined
    if (typeof index !== 'number' || !open) return
    this.#blocks[index] = undefined
    if (open.kind === 'tool' && !open.told) {
      events.push({ type: 'tool-call-delta', index: open.index, arguments: wholeArguments(open) })
    } else if (open.kind === 'text' && open.citations.length > 0) {
      this.#cited.push({ ...open.from, end: this.#textLength, citations: open.citations })
      events.push({ type: 'extra', extra: { [CITATIONS]: [...this.#cited] } })
    } else if (open.kind === 'other') {
      const input = open.json === '' ? undefined : parseJson(open.json)
      const block = input === undefined ? open.block : { ...open.block, input }
      this.#kept.push({ ...this.#place(), block })
      events.push({ type: 'extra', extra: { [BLOCKS]: [...this.#kept] } })
    }
  }

  #finish({ delta, usage, ...beside }: JsonObject, events: ChatEvent[]): void {
    const { stop_reason: word, stop_sequence: stop, ...more } = isObject(delta) ? delta : {}
    const extra = rest({ ...more, ...beside }, TYPE_ONLY)
    if (extra) events.push({ type: 'extra', extra })
    this.#count(usage, events)
    if (typeof word !== 'string' || this.#finished) return
    this.#finished = true
    const stopSequence = text(stop)
    events.push({
      type: 'finish',
      reason: readStopReason(word),
      native: word,
      ...(stopSequence !== undefined && { stopSequence }),
    })
  }

  /** Counts are cumulative; those left out or `null` stand as they were. */
  #count(usage: unknown, events: ChatEvent[]): void {
    if (!isObject(usage)) return
    for (const name in usage) if (usage[name] !== null) this.#usage[name] = usage[name]
    const all = readUsage(this.#usage)
    if (all) events.push({ type: 'usage', usage: all })
  }

  #place(): Place {
    return this.#inText ? { part: this.#parts - 1, offset: this.#textLength } : { part: this.#parts, offset: 0 }
  }
}

const TYPE_ONLY = new Set(['type'])

function reasoning(index: number, words: string, proof: { signature?: string; encrypted?: string }): ChatEvent {
  return { type: 'reasoning', index, text: words, format: FORMAT, ...proof }
}

/** The arguments of a call whose fragments were not told one by one; one without any is `{}`, as JSON text must be. */
function wholeArguments({ custom, input, json }: Extract<OpenBlock, { kind: 'tool' }>): string {
  const value = json === '' ? input : parseJson(json)
  if (!custom) return JSON.stringify(isObject(value) ? value : {})
  const words = isObject(value) ? value['input'] : undefined
  return typeof words === 'string' ? words : json
}

/** Text of an unknown delta is joined to the block's field of that name; anything else replaces it. */
function append(block: JsonObject, delta: JsonObject): void {
  for (const [name, value] of Object.entries(delta)) {
    if (name === 'type') continue
    const before = block[name]
    block[name] = typeof before === 'string' && typeof value === 'string' ? before + value : value
  }
}

function rest(object: JsonObject, known: ReadonlySet<string>): Extra | undefined {
  let extra: Extra | undefined
  for (const name in object) {
    const value = object[name]
    if (!known.has(name) && value !== null && value !== undefined) (extra ??= {})[name] = value
  }
  return extra
}
