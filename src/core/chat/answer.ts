import type { ChatEvent, FinishReason, LogProbs, Usage } from './event.ts'
import { newImages } from './images.ts'
import type { AssistantPart, Extra, ReasoningPart, ToolCallPart } from './message.ts'
import { addProof } from './reasoning-proof.ts'

/** One choice of a whole answer. */
export interface ChatChoice {
  /** In the order the model produced them. */
  content: AssistantPart[]
  finishReason?: FinishReason
  native?: string
  stopSequence?: string
  logprobs?: LogProbs
  extra?: Extra
}

/** A whole answer: the fold of a {@link ChatEvent} stream. */
export interface ChatAnswer {
  id?: string
  model?: string
  created?: number
  choices: ChatChoice[]
  usage?: Usage
  extra?: Extra
}

interface OpenChoice {
  choice: ChatChoice
  reasoning: Map<number, ReasoningPart>
  toolCalls: Map<number, ToolCallPart>
}

/** Folds events into the answer they tell. Push in order, then read {@link AnswerBuilder.answer}. */
export class AnswerBuilder {
  readonly answer: ChatAnswer = { choices: [] }
  readonly #open: OpenChoice[] = []

  push(event: ChatEvent): void {
    switch (event.type) {
      case 'start':
        if (event.id !== undefined) this.answer.id = event.id
        if (event.model !== undefined) this.answer.model = event.model
        if (event.created !== undefined) this.answer.created = event.created
        if (event.extra) this.answer.extra = { ...this.answer.extra, ...event.extra }
        return
      case 'usage':
        this.answer.usage = event.usage
        return
      case 'text':
      case 'refusal':
        this.#pushText(event)
        return
      case 'reasoning':
        this.#pushReasoning(event)
        return
      case 'tool-call': {
        const { choice, toolCalls } = this.#at(event.choice)
        const part: ToolCallPart = {
          type: 'tool-call',
          id: event.id,
          name: event.name,
          kind: event.kind,
          arguments: '',
        }
        toolCalls.set(event.index, part)
        choice.content.push(part)
        return
      }
      case 'tool-call-delta': {
        const part = this.#at(event.choice).toolCalls.get(event.index)
        if (!part) throw new TypeError(`tool-call-delta for call ${event.index}, which has not begun`)
        part.arguments += event.arguments
        return
      }
      case 'extra': {
        const { choice } = this.#at(event.choice)
        choice.extra = mergeExtra(choice.extra, event.extra)
        return
      }
      case 'finish': {
        const { choice } = this.#at(event.choice)
        choice.finishReason = event.reason
        if (event.native !== undefined) choice.native = event.native
        if (event.stopSequence !== undefined) choice.stopSequence = event.stopSequence
        return
      }
    }
  }

  #at(index = 0): OpenChoice {
    for (let missing = this.#open.length; missing <= index; missing++) {
      const choice: ChatChoice = { content: [] }
      this.answer.choices.push(choice)
      this.#open.push({ choice, reasoning: new Map(), toolCalls: new Map() })
    }
    const open = this.#open[index]
    if (!open) throw new RangeError(`choice ${index} is out of range`)
    return open
  }

  #pushText(event: Extract<ChatEvent, { type: 'text' | 'refusal' }>): void {
    const { choice } = this.#at(event.choice)
    const last = choice.content.at(-1)
    if (event.type === 'text' && last?.type === 'text') last.text += event.text
    else if (event.type === 'refusal' && last?.type === 'refusal') last.refusal += event.text
    else if (event.text !== '' && event.type === 'text') choice.content.push({ type: 'text', text: event.text })
    else if (event.text !== '') choice.content.push({ type: 'refusal', refusal: event.text })
    if (event.logprobs) choice.logprobs = mergeLogProbs(choice.logprobs, event.logprobs)
  }

  #pushReasoning(event: Extract<ChatEvent, { type: 'reasoning' }>): void {
    const { choice, reasoning } = this.#at(event.choice)
    let part = reasoning.get(event.index)
    if (!part) {
      part = { type: 'reasoning', text: '' }
      reasoning.set(event.index, part)
      choice.content.push(part)
    }
    part.text += event.text
    addProof(part, event)
  }
}

/** What comes later replaces what has its name, but images, which may come one by one. */
function mergeExtra(before: Extra | undefined, more: Extra): Extra {
  const told: unknown = before?.['images']
  const images: unknown = more['images']
  if (!Array.isArray(told) || !Array.isArray(images)) return { ...before, ...more }
  return { ...before, ...more, images: [...(told as unknown[]), ...newImages(told, images)] }
}

function mergeLogProbs(before: LogProbs | undefined, more: LogProbs): LogProbs {
  const merged: LogProbs = { ...before }
  if (more.content) merged.content = [...(before?.content ?? []), ...more.content]
  if (more.refusal) merged.refusal = [...(before?.refusal ?? []), ...more.refusal]
  return merged
}
