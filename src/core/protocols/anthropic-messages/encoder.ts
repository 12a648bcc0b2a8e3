import { addProof } from '../../chat/index.ts'
import type { ChatEvent, Extra, ReasoningProof, Usage } from '../../chat/index.ts'
import { badAnswer } from '../../upstream/error.ts'
import { answerImages, NewImages } from '../answer-images.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { keptBlocks, keptCitations } from './blocks.ts'
import { besideContent, messageId, tellImage, toolUse } from './encode.ts'
import { writeStopReason } from './finish.ts'
import type { JsonObject } from '../json.ts'
import { isWhole, openCall } from './open-call.ts'
import type { OpenCall } from './open-call.ts'
import { provesNothing, writeRedacted, writeSignature } from './proof.ts'
import { writeUsage } from './usage.ts'

type ReasoningEvent = Extract<ChatEvent, { type: 'reasoning' }>
type FinishEvent = Extract<ChatEvent, { type: 'finish' }>
/** What begins a block, or goes on with one that is no call. */
type ContentEvent = Extract<ChatEvent, { type: 'text' | 'refusal' | 'reasoning' | 'tool-call' | 'extra' }>

/** Sent after the first block begins, as Anthropic does, and while the provider is silent. */
export const PING = 'event: ping\ndata: {"type": "ping"}\n\n'

/** The block that is being written. */
type OpenBlock = { kind: 'text' } | OpenReasoning | { kind: 'tool'; call: OpenCall }

interface OpenReasoning {
  kind: 'reasoning'
  index: number
  shown: boolean
  proof: ReasoningProof
}

/**
 * Writes one answer as Anthropic's stream: `message_start`, each content block with its start, deltas and stop, `message_delta`
 * with the stop reason and usage, `message_stop`. A delta costs one `JSON.stringify` of its text.
 *
 * Blocks come one after another, and providers exist that go on with a call after they began another, or said something: what comes
 * within a call waits until its arguments are whole.
 */
export class MessageEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #calls = new Map<number, OpenCall>()
  readonly #waiting: ContentEvent[] = []
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
  readonly #images = new NewImages()

  constructor(context: EncodeContext) {
    this.#context = context
  }

  push(event: ChatEvent): string {
    switch (event.type) {
      case 'text':
      case 'refusal':
        if (event.choice || event.text === '') return ''
        return this.#open?.kind === 'text' ? this.#textDelta(event.text) : this.#start() + this.#inTurn(event)
      case 'reasoning':
        return event.choice ? '' : this.#start() + this.#inTurn(event)
      case 'tool-call':
        if (event.choice) return ''
        this.#calls.set(event.index, openCall(event))
        return this.#start() + this.#inTurn(event)
      case 'tool-call-delta':
        return event.choice ? '' : this.#toolDelta(event.index, event.arguments)
      case 'extra':
        if (event.choice) return ''
        this.#extra = { ...this.#extra, ...event.extra }
        return isContent(event.extra) ? this.#start() + this.#inTurn(event) : this.#start()
      case 'finish':
        if (event.choice) return ''
        this.#finish = event
        return this.#start() + this.#advance(true) + this.#close()
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
    const open = this.#start() + this.#advance(true) + this.#close()
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

  /** Writes what may be written now, and keeps the rest. */
  #inTurn(event: ContentEvent): string {
    if (this.#waiting.length === 0 && !this.#isWithinCall()) return this.#write(event)
    this.#waiting.push(event)
    return this.#advance()
  }

  /** Writes what waited, up to what comes within a call that is not whole. */
  #advance(all = false): string {
    let written = ''
    while (this.#waiting.length > 0 && (all || !this.#isWithinCall())) {
      const event = this.#waiting.shift()
      if (event) written += this.#write(event)
    }
    return written
  }

  #isWithinCall(): boolean {
    return this.#open?.kind === 'tool' && !isWhole(this.#open.call)
  }

  #write(event: ContentEvent): string {
    switch (event.type) {
      case 'text':
      case 'refusal':
        return this.#text(event.text)
      case 'reasoning':
        return this.#reasoning(event)
      case 'tool-call':
        return this.#close() + this.#beginCall(this.#call(event.index))
      case 'extra':
        return this.#more(event.extra)
    }
  }

  #text(words: string): string {
    if (this.#open?.kind === 'text') return this.#textDelta(words)
    const begun = this.#close() + this.#begin({ type: 'text', text: '' })
    this.#open = { kind: 'text' }
    this.#textHead = this.#deltaHead('text_delta', 'text')
    return begun + this.#textDelta(words)
  }

  #textDelta(words: string): string {
    return `${this.#textHead}${JSON.stringify(words)}}}\n\n`
  }

  #reasoning(event: ReasoningEvent): string {
    const { index, text } = event
    let written = ''
    let open = this.#open
    if (open?.kind !== 'reasoning' || open.index !== index) {
      written = this.#close()
      open = { kind: 'reasoning', index, shown: false, proof: {} }
      this.#open = open
    }
    addProof(open.proof, event)
    return text === '' ? written : written + this.#think(open, text)
  }

  #think(open: OpenReasoning, text: string): string {
    const begun = open.shown ? '' : this.#begin({ type: 'thinking', thinking: '', signature: '' })
    open.shown = true
    return `${begun}${this.#deltaHead('thinking_delta', 'thinking')}${JSON.stringify(text)}}}\n\n`
  }

  #call(index: number): OpenCall {
    const call = this.#calls.get(index)
    if (!call) throw new TypeError(`tool-call-delta for call ${index}, which has not begun`)
    return call
  }

  #toolDelta(index: number, fragment: string): string {
    const call = this.#call(index)
    if (call.closed && fragment.trim() !== '') throw badAnswer('The provider', 'more of a tool call that was whole')
    call.json += fragment
    const open = this.#open
    if (open?.kind === 'tool' && open.call === call) return this.#writeCall(call)
    return this.#waiting.length > 0 ? this.#advance() : ''
  }

  #beginCall(call: OpenCall): string {
    const begun = this.#begin({ ...toolUse(call, this.#extra), input: {} })
    this.#open = { kind: 'tool', call }
    return begun + this.#writeCall(call)
  }

  /** What of a call's arguments is not written yet. Free text is one JSON value, and waits for its end. */
  #writeCall(call: OpenCall): string {
    if (call.custom || call.written === call.json.length) return ''
    const fragment = call.json.slice(call.written)
    call.written = call.json.length
    return `${this.#deltaHead('input_json_delta', 'partial_json')}${JSON.stringify(fragment)}}}\n\n`
  }

  #more(extra: Extra): string {
    let written = ''
    for (const { citations } of keptCitations(extra).slice(this.#citedTold)) {
      this.#citedTold++
      if (this.#open?.kind !== 'text') continue
      for (const citation of citations) written += this.#delta({ type: 'citations_delta', citation })
      written += this.#close()
    }
    for (const { block } of keptBlocks(extra).slice(this.#keptTold)) {
      this.#keptTold++
      written += this.#close() + this.#whole(block)
    }
    for (const image of this.#images.of(extra)) written += this.#close() + this.#text(tellImage(image)) + this.#close()
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
    if (open.kind === 'tool') return this.#closeCall(open.call)
    if (open.kind === 'text') return this.#stop()
    if (!open.shown && open.proof.encrypted !== undefined) {
      return this.#begin({ type: 'redacted_thinking', data: writeRedacted(open.proof) }) + this.#stop()
    }
    if (!open.shown && provesNothing(open.proof)) return ''
    // An empty piece: npm's `ai` 4 (stream-text.ts) breaks the stream off at a signature of a thought that had none.
    const begun = open.shown ? '' : this.#think(open, '')
    return begun + this.#delta({ type: 'signature_delta', signature: writeSignature(open.proof) }) + this.#stop()
  }

  #closeCall(call: OpenCall): string {
    call.closed = true
    if (!call.custom) return this.#stop()
    const input = JSON.stringify({ input: call.json })
    return this.#delta({ type: 'input_json_delta', partial_json: input }) + this.#stop()
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

function frame(event: JsonObject): string {
  return `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`
}

/** Whether it stands among the blocks. What some vendors say with each chunk, such as how it was filtered, does not. */
function isContent(extra: Extra): boolean {
  return keptBlocks(extra).length > 0 || keptCitations(extra).length > 0 || answerImages(extra).length > 0
}
