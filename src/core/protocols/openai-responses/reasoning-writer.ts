import { addProof } from '../../chat/index.ts'
import type { ChatEvent } from '../../chat/index.ts'
import { headOf } from './event-writer.ts'
import type { EventWriter } from './event-writer.ts'
import { reasoningId, reasoningItem } from './items.ts'
import type { ReasoningFacts } from './items.ts'

type ReasoningEvent = Extract<ChatEvent, { type: 'reasoning' }>

interface OpenReasoning extends ReasoningFacts {
  at: number
  index: number
  /** A delta's event up to the text. */
  head: string
}

/** Whether a piece of reasoning begins with nothing to tell. */
export function saysNothing({ text, signature, encrypted, id }: ReasoningEvent): boolean {
  return text === '' && signature === undefined && encrypted === undefined && id === undefined
}

/** Writes the reasoning of one stream, one item after the other. */
export class ReasoningWriter {
  readonly #out: EventWriter
  #open: OpenReasoning | undefined

  constructor(out: EventWriter) {
    this.#out = out
  }

  /** Whether an event is of the item that is open. */
  isOf({ index }: ReasoningEvent): boolean {
    return this.#open?.index === index
  }

  /** Begins an item, where none is open. */
  begin({ index, id, format, summary }: ReasoningEvent): string {
    const shown = summary === true || format !== 'openai-responses-v1'
    const own = reasoningId(id)
    const { at, text } = this.#out.added({ id: own, type: 'reasoning', summary: [] })
    const place = { item_id: own, output_index: at, [shown ? 'summary_index' : 'content_index']: 0 }
    const type = shown ? 'response.reasoning_summary_text.delta' : 'response.reasoning_text.delta'
    this.#open = { id: own, index, at, text: '', summary: shown, proof: {}, head: headOf(type, place) }
    return text
  }

  /** What an event adds to the open item. */
  add(event: ReasoningEvent): string {
    const open = this.#open
    if (!open) throw new TypeError('no reasoning has begun')
    addProof(open.proof, event)
    const { text } = event
    if (text === '') return ''
    const begun = open.text === '' ? this.#part(open, 'added') : ''
    open.text += text
    return `${begun}${open.head}${JSON.stringify(text)},"sequence_number":${this.#out.sequence++}}\n\n`
  }

  /** Ends the open item; nothing where none is. */
  close(): string {
    const open = this.#open
    if (!open) return ''
    this.#open = undefined
    let written = ''
    if (open.text !== '') {
      const place = { item_id: open.id, output_index: open.at }
      written += open.summary
        ? this.#out.event('response.reasoning_summary_text.done', { ...place, summary_index: 0, text: open.text })
        : this.#out.event('response.reasoning_text.done', { ...place, content_index: 0, text: open.text })
      written += this.#part(open, 'done')
    }
    return written + this.#out.done(open.at, reasoningItem(open))
  }

  #part({ id, at, summary, text }: OpenReasoning, what: 'added' | 'done'): string {
    const place = { item_id: id, output_index: at }
    return summary
      ? this.#out.event(`response.reasoning_summary_part.${what}`, {
          ...place,
          summary_index: 0,
          part: { type: 'summary_text', text },
        })
      : this.#out.event(`response.content_part.${what}`, {
          ...place,
          content_index: 0,
          part: { type: 'reasoning_text', text },
        })
  }
}
