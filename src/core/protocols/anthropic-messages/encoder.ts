import type { ChatEvent, Extra, Usage } from '../../chat/index.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { keptBlocks, keptCitations } from './blocks.ts'
import { besideContent, messageId, toolUse } from './encode.ts'
import { writeStopReason } from './finish.ts'
import { parseJson } from './json.ts'
import type { JsonObject } from './json.ts'
import { writeRedacted, writeSignature } from './proof.ts'
import { writeUsage } from './usage.ts'

type ReasoningEvent = Extract<ChatEvent, { type: 'reasoning' }>
type FinishEvent = Extract<ChatEvent, { type: 'finish' }>

/** Sent after the first block begins, as Anthropic does, and while the provider is silent. */
export const PING = 'event: ping\ndata: {"type": "ping"}\n\n'

/** The block that is being written. */
type OpenBlock =
  | { kind: 'text' }
  | { kind: 'reasoning'; index: number; shown: boolean; proof: Omit<ReasoningEvent, 'type' | 'index' | 'text'> }
  | { kind: 'tool'; call: Call }

/** A tool call. Anthropic's blocks come one after another, so one that begins within another waits. */
interface Call {
  id: string
  name: string
  custom: boolean
  /** All its arguments so far. */
  json: string
  /** How many of them are written. */
  written: number
}

/**
 * Writes one answer as Anthropic's stream: `message_start`, each content block with its start, deltas and stop, `message_delta`
 * with the stop reason and usage, `message_stop`. A delta costs one `JSON.stringify` of its text.
 */
export class MessageEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #calls = new Map<number, Call>()
  readonly #waiting: Call[] = []
  #open: OpenBlock | undefined
  /** The index of the block that is open, or was last. */
  #index = -1
  /** What stands before the text of a `text_delta` of the open block. */
  #textHead = ''
  #started = false
  #finish: FinishEvent | undefined
  #usage: Usage | undefined
  #extra: Extra = {}
  #keptTold = 0
  #citedTold = 0

  constructor(context: EncodeContext) {
    this.#context = context
  }

  push(event: ChatEvent): string {
    switch (event.type) {
      case 'text':
      case 'refusal':
        if (event.choice || event.text === '') return ''
        return this.#text(event.text)
      case 'reasoning':
        return event.choice ? '' : this.#start() + this.#reasoning(event)
      case 'tool-call':
        return event.choice ? '' : this.#start() + this.#toolCall(event)
      case 'tool-call-delta':
        return event.choice ? '' : this.#toolDelta(event.index, event.arguments)
      case 'extra':
        return event.choice ? '' : this.#start() + this.#more(event.extra)
      case 'finish':
        if (event.choice) return ''
        this.#finish = event
        return this.#start() + this.#close() + this.#drain()
      case 'usage':
        this.#usage = event.usage
        return ''
      case 'start':
        return this.#start(event)
    }
  }

  end(): string {
    const { reason = 'error', native, stopSequence } = this.#finish ?? {}
    const { stop_details, container, ...beside } = besideContent(this.#extra)
    const event: JsonObject = {
      type: 'message_delta',
      delta: {
        stop_reason: writeStopReason(reason, native, stopSequence),
        stop_sequence: stopSequence ?? null,
        ...(stop_details !== undefined && { stop_details }),
        ...(container !== undefined && { container }),
      },
      usage: writeUsage(this.#usage),
    }
    const open = this.#start() + this.#close() + this.#drain()
    return `${open}${frame({ ...beside, ...event })}event: message_stop\ndata: {"type":"message_stop"}\n\n`
  }

  #start(event?: Extract<ChatEvent, { type: 'start' }>): string {
    if (this.#started) return ''
    this.#started = true
    const message: JsonObject = {
      ...event?.extra,
      id: event?.id ?? messageId(),
      type: 'message',
      role: 'assistant',
      model: event?.model ?? this.#context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      // What is counted by now; the last word is in `message_delta`.
      usage: writeUsage(this.#usage),
    }
    return frame({ type: 'message_start', message })
  }

  #text(words: string): string {
    if (this.#open?.kind === 'text') return `${this.#textHead}${JSON.stringify(words)}}}\n\n`
    const begun = this.#start() + this.#close() + this.#drain() + this.#begin({ type: 'text', text: '' })
    this.#open = { kind: 'text' }
    this.#textHead = this.#deltaHead('text_delta', 'text')
    return `${begun}${this.#textHead}${JSON.stringify(words)}}}\n\n`
  }

  #reasoning({ index, text, type: _, choice: __, ...proof }: ReasoningEvent): string {
    let written = ''
    let open = this.#open
    if (open?.kind !== 'reasoning' || open.index !== index) {
      written = this.#close() + this.#drain()
      open = { kind: 'reasoning', index, shown: false, proof: {} }
      this.#open = open
    }
    if (proof.signature !== undefined) proof.signature = (open.proof.signature ?? '') + proof.signature
    Object.assign(open.proof, proof)
    if (text === '') return written
    if (!open.shown) {
      open.shown = true
      written += this.#begin({ type: 'thinking', thinking: '', signature: '' })
    }
    return `${written}${this.#deltaHead('thinking_delta', 'thinking')}${JSON.stringify(text)}}}\n\n`
  }

  #toolCall({ index, id, name, kind }: Extract<ChatEvent, { type: 'tool-call' }>): string {
    const call: Call = { id, name, custom: kind === 'custom', json: '', written: 0 }
    this.#calls.set(index, call)
    if (this.#open?.kind === 'tool' && !isWhole(this.#open.call)) {
      this.#waiting.push(call)
      return ''
    }
    return this.#close() + this.#drain() + this.#beginCall(call)
  }

  #toolDelta(index: number, fragment: string): string {
    const call = this.#calls.get(index)
    if (!call) throw new TypeError(`tool-call-delta for call ${index}, which has not begun`)
    call.json += fragment
    const open = this.#open
    if (open?.kind !== 'tool') return ''
    if (open.call !== call)
      return this.#waiting.length > 0 && isWhole(open.call) ? this.#close() + this.#drain(call) : ''
    return this.#writeCall(call)
  }

  #beginCall(call: Call): string {
    const begun = this.#begin({ ...toolUse(call, this.#extra), input: {} })
    this.#open = { kind: 'tool', call }
    return begun + this.#writeCall(call)
  }

  /** What of a call's arguments is not written yet. Free text is one JSON value, and waits for its end. */
  #writeCall(call: Call): string {
    if (call.custom || call.written === call.json.length) return ''
    const fragment = call.json.slice(call.written)
    call.written = call.json.length
    return `${this.#deltaHead('input_json_delta', 'partial_json')}${JSON.stringify(fragment)}}}\n\n`
  }

  /** Writes the calls that waited, all of them or up to one, which stays open. */
  #drain(until?: Call): string {
    let written = ''
    for (let call = this.#waiting.shift(); call; call = this.#waiting.shift()) {
      written += this.#beginCall(call)
      if (call === until || (until && !isWhole(call))) return written
      written += this.#close()
    }
    return written
  }

  #more(extra: Extra): string {
    this.#extra = { ...this.#extra, ...extra }
    let written = ''
    for (const { citations } of keptCitations(extra).slice(this.#citedTold)) {
      this.#citedTold++
      if (this.#open?.kind !== 'text') continue
      for (const citation of citations) written += this.#delta({ type: 'citations_delta', citation })
      written += this.#close()
    }
    for (const { block } of keptBlocks(extra).slice(this.#keptTold)) {
      this.#keptTold++
      written += this.#close() + this.#drain() + this.#whole(block)
    }
    return written
  }

  /** A kept block in one piece; the input of a server's tool as a delta, where clients look for it. */
  #whole(block: JsonObject): string {
    if (block['type'] !== 'server_tool_use') return this.#begin(block) + this.#stop()
    const { input = {}, ...rest } = block
    const begun = this.#begin({ ...rest, input: {} })
    return begun + this.#delta({ type: 'input_json_delta', partial_json: JSON.stringify(input) }) + this.#stop()
  }

  #begin(block: JsonObject): string {
    this.#index++
    const start = frame({ type: 'content_block_start', index: this.#index, content_block: block })
    return this.#index === 0 ? start + PING : start
  }

  #close(): string {
    const open = this.#open
    if (!open) return ''
    this.#open = undefined
    if (open.kind === 'tool' && open.call.custom) {
      const input = JSON.stringify({ input: open.call.json })
      return this.#delta({ type: 'input_json_delta', partial_json: input }) + this.#stop()
    }
    if (open.kind !== 'reasoning') return this.#stop()
    if (!open.shown && open.proof.encrypted !== undefined) {
      return this.#begin({ type: 'redacted_thinking', data: writeRedacted(open.proof) }) + this.#stop()
    }
    const signature = writeSignature(open.proof)
    if (!open.shown && signature === '') return ''
    const begun = open.shown ? '' : this.#begin({ type: 'thinking', thinking: '', signature: '' })
    const signed = signature === '' ? '' : this.#delta({ type: 'signature_delta', signature })
    return begun + signed + this.#stop()
  }

  #stop(): string {
    return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.#index}}\n\n`
  }

  #delta(delta: JsonObject): string {
    return frame({ type: 'content_block_delta', index: this.#index, delta })
  }

  #deltaHead(type: string, field: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":{"type":"${type}","${field}":`
  }
}

/** Whether a call's arguments are complete, so that another may follow. */
function isWhole({ custom, json }: Call): boolean {
  return custom ? json !== '' : parseJson(json) !== undefined
}

function frame(event: JsonObject): string {
  return `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`
}
