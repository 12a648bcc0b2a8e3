import type { ChatEvent, Usage } from '../../chat/index.ts'
import { linkTo, NewImages } from '../answer-images.ts'
import type { AnswerImage } from '../answer-images.ts'
import { isObject, listOf } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { CallItems, newCall } from './call-items.ts'
import type { CallFacts } from './call-items.ts'
import { EventWriter, headOf } from './event-writer.ts'
import { annotationsOf, messageItem, newId, outcomeOf } from './items.ts'
import type { ItemStatus } from './items.ts'
import { factsOfResponse, messagesOf } from './own-facts.ts'
import { ReasoningWriter, saysNothing } from './reasoning-writer.ts'
import { responseFacts, writeResponse } from './response.ts'
import type { ResponseFacts } from './response.ts'
import { kept } from './wire.ts'

type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>

/** The message that is being written. */
interface OpenMessage {
  id: string
  at: number
  /** Those that are closed, and the open one last. */
  content: JsonObject[]
  type: 'output_text' | 'refusal'
  text: string
  /** A delta's event up to the text. */
  head: string
  annotations: JsonObject[]
  logprobs: unknown[]
}

interface OpenCall extends CallFacts {
  at: number
  text: string
  head: string
}

/**
 * Writes one answer as OpenAI's stream of events, in OpenAI's order: each item is added, told in deltas, and told again in
 * full when it is done. A delta costs one `JSON.stringify` of its text.
 *
 * Calls stay open until the answer ends: providers exist that send the arguments of parallel calls in turns.
 */
export class ResponseEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #callItems: CallItems
  readonly #out = new EventWriter()
  readonly #reasoning = new ReasoningWriter(this.#out)
  readonly #calls = new Map<number, OpenCall>()
  #facts: ResponseFacts | undefined
  #message: OpenMessage | undefined
  #rawWritten = 0
  /** What OpenAI's own items say of themselves, all so far. */
  #own: JsonObject = {}
  /** The first may be told of only behind its words, and none is before it. */
  #messagesBegun = 1
  #refused = false
  #finish: EventOf<'finish'> | undefined
  #usage: Usage | undefined
  readonly #images = new NewImages()

  constructor(context: EncodeContext) {
    this.#context = context
    this.#callItems = new CallItems(context.chat?.tools)
  }

  push(event: ChatEvent): string {
    // This format has one choice; a request in it cannot ask for more.
    if ('choice' in event && event.choice) return ''
    switch (event.type) {
      case 'text': {
        const open = this.#message
        if (open?.type === 'output_text' && !event.logprobs) return this.#textDelta(open, event.text)
        return event.text === '' && !event.logprobs ? '' : this.#words(event, 'output_text')
      }
      case 'refusal':
        this.#refused = true
        return event.text === '' ? '' : this.#words(event, 'refusal')
      case 'tool-call-delta': {
        const call = this.#calls.get(event.index)
        if (!call) throw new TypeError(`tool-call-delta for call ${event.index}, which has not begun`)
        if (event.arguments === '') return ''
        call.text += event.arguments
        return `${call.head}${JSON.stringify(event.arguments)},"sequence_number":${this.#out.sequence++}}\n\n`
      }
      case 'tool-call':
        return this.#begin() + this.#closeWords('completed') + this.#beginCall(event)
      case 'reasoning':
        return this.#begin() + this.#think(event)
      case 'start':
        return this.#facts ? '' : this.#begin(event)
      case 'extra':
        return this.#begin() + this.#extra(event)
      case 'finish':
        this.#finish = event
        return this.#begin()
      case 'usage':
        this.#usage = event.usage
        return ''
    }
  }

  end(): string {
    const outcome = outcomeOf(this.#finish?.reason ?? 'error', this.#refused, this.#finish?.native)
    const status: ItemStatus = outcome.status === 'incomplete' ? 'incomplete' : 'completed'
    let text = this.#begin() + this.#closeWords(status)
    for (const call of this.#calls.values()) text += this.#closeCall(call, status)
    const response = writeResponse(this.#known(), this.#context, this.#out.output, outcome, this.#usage)
    return (
      text + this.#out.event(`response.${outcome.status}`, { response: { ...factsOfResponse(this.#own), ...response } })
    )
  }

  begun(): JsonObject | undefined {
    return this.#facts && writeResponse(this.#facts, this.#context, [])
  }

  #known(): ResponseFacts {
    if (!this.#facts) throw new TypeError('the answer has not begun')
    return this.#facts
  }

  #begin(start: EventOf<'start'> = { type: 'start' }): string {
    if (this.#facts) return ''
    this.#facts = responseFacts(start, this.#context.model)
    const response = writeResponse(this.#facts, this.#context, [])
    return this.#out.event('response.created', { response }) + this.#out.event('response.in_progress', { response })
  }

  #textDelta(open: OpenMessage, words: string): string {
    if (words === '') return ''
    open.text += words
    return `${open.head}${JSON.stringify(words)},"logprobs":[],"sequence_number":${this.#out.sequence++}}\n\n`
  }

  #words({ text, logprobs }: EventOf<'text' | 'refusal'>, type: OpenMessage['type']): string {
    let written = this.#begin() + this.#reasoning.close()
    if (!this.#message) {
      const id = newId('msg')
      const { at, text: added } = this.#out.added(messageItem(id, [], 'in_progress', this.#ownMessage))
      written += added
      this.#message = { id, at, content: [], type, text: '', head: '', annotations: [], logprobs: [] }
      written += this.#beginPart(this.#message, type)
    } else if (this.#message.type !== type) {
      written += this.#closePart(this.#message) + this.#beginPart(this.#message, type)
    }
    const open = this.#message
    if (type === 'output_text' && !logprobs) return written + this.#textDelta(open, text)
    open.text += text
    open.logprobs.push(...(logprobs?.content ?? []))
    const logged = type === 'refusal' ? '' : `,"logprobs":${JSON.stringify(logprobs?.content ?? [])}`
    return `${written}${open.head}${JSON.stringify(text)}${logged},"sequence_number":${this.#out.sequence++}}\n\n`
  }

  #beginPart(open: OpenMessage, type: OpenMessage['type']): string {
    open.type = type
    open.text = ''
    const index = open.content.length
    const part = partOf(open)
    const place = { item_id: open.id, output_index: open.at, content_index: index }
    open.head = headOf(`response.${type}.delta`, place)
    return this.#out.event('response.content_part.added', { ...place, part })
  }

  #closePart(open: OpenMessage): string {
    const place = { item_id: open.id, output_index: open.at, content_index: open.content.length }
    const part = partOf(open)
    const { text, logprobs } = open
    const done =
      open.type === 'refusal'
        ? this.#out.event('response.refusal.done', { ...place, refusal: text })
        : this.#out.event('response.output_text.done', { ...place, text, logprobs })
    open.content.push(part)
    open.annotations = []
    open.logprobs = []
    return done + this.#out.event('response.content_part.done', { ...place, part })
  }

  #closeMessage(status: ItemStatus): string {
    const open = this.#message
    if (!open) return ''
    this.#message = undefined
    return this.#closePart(open) + this.#out.done(open.at, messageItem(open.id, open.content, status, this.#ownMessage))
  }

  get #ownMessage(): JsonObject | undefined {
    return messagesOf(this.#own).at(-1)?.item
  }

  #closeWords(status: ItemStatus): string {
    return this.#reasoning.close() + this.#closeMessage(status)
  }

  #think(event: EventOf<'reasoning'>): string {
    if (this.#reasoning.isOf(event)) return this.#reasoning.add(event)
    if (saysNothing(event)) return ''
    return this.#closeWords('completed') + this.#reasoning.begin(event) + this.#reasoning.add(event)
  }

  #beginCall(event: EventOf<'tool-call'>): string {
    const call = newCall(event.id, event)
    const { at, text } = this.#out.added(this.#callItems.begun(call, this.#own))
    const input = call.kind === 'custom' ? 'custom_tool_call_input' : 'function_call_arguments'
    const head = headOf(`response.${input}.delta`, { item_id: call.id, output_index: at })
    this.#calls.set(event.index, { ...call, at, text: '', head })
    return text
  }

  #closeCall(call: OpenCall, status: ItemStatus): string {
    const place = { item_id: call.id, output_index: call.at }
    const item = this.#callItems.ended(call, call.text, status, this.#own)
    const told =
      call.kind === 'custom'
        ? this.#out.event('response.custom_tool_call_input.done', { ...place, input: call.text })
        : this.#out.event('response.function_call_arguments.done', {
            ...place,
            name: item['name'],
            arguments: call.text,
          })
    return told + this.#out.done(call.at, item)
  }

  /** Annotations of the text being written, images, and OpenAI's own items as they came. */
  #extra({ extra }: EventOf<'extra'>): string {
    const wire = kept({ extra })
    const { items } = wire
    let written = ''
    const { length: begun } = messagesOf(wire)
    // What follows is of another message.
    if (begun > this.#messagesBegun) written += this.#closeMessage('completed')
    this.#messagesBegun = Math.max(this.#messagesBegun, begun)
    // Others, such as a hook, may tell of an answer too.
    if ('messages' in wire) this.#own = wire
    const raw = listOf(items)
    for (const entry of raw.slice(this.#rawWritten)) {
      if (!isObject(entry) || !isObject(entry['item'])) continue
      written += this.#closeWords('completed') + this.#out.whole(entry['item'])
    }
    this.#rawWritten = Math.max(this.#rawWritten, raw.length)
    written += this.#annotate(annotationsOf(extra, wire).slice(this.#annotated))
    for (const image of this.#images.of(extra)) written += this.#image(image)
    return written
  }

  #annotate(annotations: JsonObject[]): string {
    const open = this.#message
    if (open?.type !== 'output_text') return ''
    let written = ''
    for (const annotation of annotations) {
      written += this.#out.event('response.output_text.annotation.added', {
        item_id: open.id,
        output_index: open.at,
        content_index: open.content.length,
        annotation_index: open.annotations.push(annotation) - 1,
        annotation,
      })
      this.#annotated++
    }
    return written
  }

  #image(image: AnswerImage): string {
    const closed = this.#closeWords('completed')
    if ('data' in image) return closed + this.#out.image(newId('ig'), image.data)
    return closed + this.#words(linkTo(image), 'output_text') + this.#closeWords('completed')
  }

  /** How many annotations were written: each `extra` has all so far. */
  #annotated = 0
}

function partOf({ type, text, annotations, logprobs }: OpenMessage): JsonObject {
  return type === 'refusal' ? { type, refusal: text } : { type, annotations, logprobs, text }
}
