import { AnswerBuilder } from '../../chat/index.ts'
import type { ChatAnswer, ChatEvent } from '../../chat/index.ts'
import { objects } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import { compactionItem, isCompaction } from './compaction.ts'
import { EventWriter } from './event-writer.ts'
import { newId, outcomeOf } from './items.ts'
import type { Outcome } from './items.ts'
import { responseFacts, writeResponse } from './response.ts'
import type { ResponseFacts } from './response.ts'
import { kept } from './wire.ts'

/** The answer to a request for compaction, as a stream: one item, when the summary is whole. */
export class CompactionEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #out = new EventWriter()
  readonly #answer = new AnswerBuilder()
  #facts: ResponseFacts | undefined

  constructor(context: EncodeContext) {
    this.#context = context
  }

  push(event: ChatEvent): string {
    this.#answer.push(event)
    return this.#begin(event.type === 'start' ? event : {})
  }

  end(): string {
    const begun = this.#begin({})
    const { item, outcome } = compactionOf(this.#answer.answer)
    const told = item ? this.#out.whole(item) : ''
    const response = writeResponse(
      this.#facts ?? responseFacts({}, this.#context.model),
      this.#context,
      this.#out.output,
      outcome,
      this.#answer.answer.usage,
    )
    return begun + told + this.#out.event(`response.${outcome.status}`, { response })
  }

  begun(): JsonObject | undefined {
    return this.#facts && writeResponse(this.#facts, this.#context, [])
  }

  #begin(start: Parameters<typeof responseFacts>[0]): string {
    if (this.#facts) return ''
    this.#facts = responseFacts(start, this.#context.model)
    const response = writeResponse(this.#facts, this.#context, [])
    return this.#out.event('response.created', { response }) + this.#out.event('response.in_progress', { response })
  }
}

/** The same as a whole `response`. */
export function encodeCompaction(answer: ChatAnswer, context: EncodeContext): JsonObject {
  const { item, outcome } = compactionOf(answer)
  return writeResponse(responseFacts(answer, context.model), context, item ? [item] : [], outcome, answer.usage)
}

/** OpenAI's own item where it gave one; else what the model said. Reasoning and whatever else there is are of no use to anybody later. */
function compactionOf({ choices }: ChatAnswer): { item: JsonObject | undefined; outcome: Outcome } {
  const [choice = { content: [] }] = choices
  const { items } = kept(choice)
  const own = objects(objects(items).map(({ item }) => item)).find(isCompaction)
  const words = choice.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const outcome = outcomeOf(choice.finishReason ?? 'error', false)
  const item = own ?? (words.trim() === '' ? undefined : compactionItem(newId('cmp'), words))
  return { item, outcome: item || outcome.status !== 'completed' ? outcome : NO_SUMMARY }
}

const NO_SUMMARY: Outcome = {
  status: 'failed',
  details: null,
  error: { code: 'server_error', message: 'The model wrote no summary of the conversation. Try again.' },
}
