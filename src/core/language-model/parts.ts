import type { LanguageModelV3StreamPart } from '@ai-sdk/provider'
import { addProof } from '../chat/index.ts'
import type { ChatEvent, Extra, ReasoningProof, Usage } from '../chat/index.ts'
import type { RequestInfo } from '../hooks.ts'
import { writeProof } from './proof.ts'
import { finishOf, inputOf, metadataOf, providerMetadataOf, usageOf } from './result.ts'

type Part = LanguageModelV3StreamPart
type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>

interface OpenCall {
  id: string
  name: string
  input: string
}

/**
 * Events as the SDK's stream parts. It wants the beginning and the end of each text, each piece of reasoning and each call; the
 * events have no ends, so that what follows ends what came before.
 */
export class PartWriter {
  readonly #info: () => Readonly<RequestInfo> | undefined
  readonly #raw: boolean
  #text: string | undefined
  #reasoning: { id: string; index: number; proof: ReasoningProof } | undefined
  readonly #calls = new Map<number, OpenCall>()
  #blocks = 0
  #usage: Usage | undefined
  #finish: EventOf<'finish'> | undefined
  #extra: Extra = {}

  /** @param raw whether each event is given as it is, too */
  constructor(info: () => Readonly<RequestInfo> | undefined, raw: boolean) {
    this.#info = info
    this.#raw = raw
  }

  push(event: ChatEvent): Part[] {
    const parts = this.#partsOf(event)
    return this.#raw ? [{ type: 'raw', rawValue: event }, ...parts] : parts
  }

  /** After the last event. */
  end(): Part[] {
    const { reason, native } = this.#finish ?? {}
    return this.#close(finishOf(reason, native))
  }

  /** After an error. */
  fail(): Part[] {
    return this.#close(finishOf('error'))
  }

  #partsOf(event: ChatEvent): Part[] {
    // The SDK knows one choice.
    if ('choice' in event && (event.choice ?? 0) > 0) return []
    switch (event.type) {
      case 'start':
        Object.assign(this.#extra, event.extra)
        return [{ type: 'response-metadata', ...metadataOf(event) }]
      case 'text':
      case 'refusal':
        return event.text === '' ? [] : this.#pushText(event.text)
      case 'reasoning':
        return this.#pushReasoning(event)
      case 'tool-call': {
        const { id, name } = event
        this.#calls.set(event.index, { id, name, input: '' })
        return [...this.#endText(), ...this.#endReasoning(), { type: 'tool-input-start', id, toolName: name }]
      }
      case 'tool-call-delta': {
        const call = this.#calls.get(event.index)
        if (!call || event.arguments === '') return []
        call.input += event.arguments
        return [{ type: 'tool-input-delta', id: call.id, delta: event.arguments }]
      }
      case 'extra':
        Object.assign(this.#extra, event.extra)
        return []
      case 'usage':
        this.#usage = event.usage
        return []
      case 'finish':
        this.#finish = event
        return []
    }
  }

  #pushText(delta: string): Part[] {
    const parts = this.#endReasoning()
    if (this.#text === undefined) {
      this.#text = this.#nextId()
      parts.push({ type: 'text-start', id: this.#text })
    }
    return [...parts, { type: 'text-delta', id: this.#text, delta }]
  }

  #pushReasoning(event: EventOf<'reasoning'>): Part[] {
    const { index, text } = event
    const parts = this.#endText()
    let open = this.#reasoning
    if (open?.index !== index) {
      parts.push(...this.#endReasoning())
      open = { id: this.#nextId(), index, proof: {} }
      this.#reasoning = open
      parts.push({ type: 'reasoning-start', id: open.id })
    }
    addProof(open.proof, event)
    if (text !== '') parts.push({ type: 'reasoning-delta', id: open.id, delta: text })
    return parts
  }

  #endText(): Part[] {
    const id = this.#text
    this.#text = undefined
    return id === undefined ? [] : [{ type: 'text-end', id }]
  }

  #endReasoning(): Part[] {
    const open = this.#reasoning
    this.#reasoning = undefined
    return open ? [{ type: 'reasoning-end', id: open.id, ...writeProof(open.proof) }] : []
  }

  /** Calls end together, for their fragments may be mixed. */
  #endCalls(): Part[] {
    return [...this.#calls.values()].flatMap(({ id, name, input }): Part[] => [
      { type: 'tool-input-end', id },
      { type: 'tool-call', toolCallId: id, toolName: name, input: inputOf(input) },
    ])
  }

  #close(finishReason: ReturnType<typeof finishOf>): Part[] {
    const info = this.#info()
    const failed = finishReason.unified === 'error'
    return [
      ...this.#endText(),
      ...this.#endReasoning(),
      // What was cut is no call.
      ...(failed ? [] : this.#endCalls()),
      {
        type: 'finish',
        finishReason,
        usage: usageOf(this.#usage),
        ...(info && { providerMetadata: providerMetadataOf(info, this.#extra) }),
      },
    ]
  }

  #nextId(): string {
    return String(this.#blocks++)
  }
}
