import type { JsonObject } from '../json.ts'
import { imageItem } from './items.ts'

/** Writes the events of one stream, numbered, and keeps the items they told of. */
export class EventWriter {
  /** The items so far, each as it was told last. */
  readonly output: JsonObject[] = []
  /** The number of the next event. */
  sequence = 0

  event(type: string, fields: JsonObject): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields, sequence_number: this.sequence++ })}\n\n`
  }

  added(item: JsonObject): { at: number; text: string } {
    const at = this.output.push(item) - 1
    return { at, text: this.event('response.output_item.added', { output_index: at, item }) }
  }

  done(at: number, item: JsonObject): string {
    this.output[at] = item
    return this.event('response.output_item.done', { output_index: at, item })
  }

  /** An item that has nothing to tell between. */
  whole(item: JsonObject): string {
    const { at, text } = this.added(item)
    return text + this.done(at, item)
  }

  /** An image, in the steps that OpenAI's tool makes one (openai-node `ResponseImageGenCallInProgressEvent` and those beside it). */
  image(id: string, data: string): string {
    const { at, text } = this.added(imageItem(id, null, 'in_progress'))
    const steps = ['in_progress', 'generating', 'completed'].map((step) =>
      this.event(`response.image_generation_call.${step}`, { output_index: at, item_id: id }),
    )
    return text + steps.join('') + this.done(at, imageItem(id, data, 'completed'))
  }
}

/** A delta's event up to its text. */
export function headOf(type: string, place: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...place }).slice(0, -1)},"delta":`
}
