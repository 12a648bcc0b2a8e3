import { ChatError } from '../../chat/index.ts'
import type { ChatEvent, Extra, Usage } from '../../chat/index.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import type { AnswerHead } from './encode-parts.ts'
import {
  answerHead,
  candidateExtra,
  extraParts,
  isCarrier,
  writeCall,
  writeResponse,
  writeThought,
} from './encode-parts.ts'
import { writeFinishReason } from './finish.ts'
import { compact, isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { writeLogProbs } from './logprobs.ts'

type Finish = Extract<ChatEvent, { type: 'finish' }>

interface OpenCall {
  id: string
  name: string
  kind: 'function' | 'custom'
  arguments: string
}

/** The state of one choice. */
interface OpenChoice {
  /** The call whose arguments are still coming. */
  call: OpenCall | undefined
  signatures: Map<string, string>
  extra: Extra
  malformed: string | undefined
  finish: Finish | undefined
  /** Whether a part was sent. */
  any: boolean
}

/** Gemini's calls are whole: one that goes on after other content has no place in its stream. */
function interrupted(): ChatError {
  return new ChatError(
    'The provider went on with a tool call after other content, which a Gemini client cannot be given.',
    {
      status: 502,
      code: 'upstream_bad_answer',
    },
  )
}

/**
 * Writes one answer as Gemini's stream: each message is a GenerateContentResponse with what is new. Calls are sent whole, so their
 * arguments are collected first. Finish reasons and usage are in the last message, which is where Gemini's clients look.
 */
export class ChunkEncoder implements StreamEncoder {
  readonly #context: EncodeContext
  readonly #frame: (message: JsonObject) => string
  readonly #choices: OpenChoice[] = []
  #head: AnswerHead
  #usage: Usage | undefined

  /** @param frame Puts a message on the wire. */
  constructor(context: EncodeContext, frame: (message: JsonObject) => string) {
    this.#context = context
    this.#frame = frame
    this.#head = answerHead(undefined, context.model)
  }

  push(event: ChatEvent): string {
    switch (event.type) {
      case 'start':
        this.#head = answerHead(event.id, event.model ?? this.#context.model)
        return ''
      case 'usage':
        this.#usage = event.usage
        return ''
      case 'text':
      case 'refusal': {
        if (event.text === '' && !event.logprobs) return ''
        const closed = this.#close(event.choice)
        const logprobsResult = event.logprobs && writeLogProbs(event.logprobs)
        return closed + this.#send(event.choice, { text: event.text }, compact({ logprobsResult }))
      }
      case 'reasoning':
        return this.#reasoning(event)
      case 'tool-call': {
        const closed = this.#close(event.choice)
        const { id, name, kind } = event
        this.#at(event.choice).call = { id, name, kind, arguments: '' }
        return closed
      }
      case 'tool-call-delta': {
        const { call } = this.#at(event.choice)
        if (!call) throw interrupted()
        call.arguments += event.arguments
        return ''
      }
      case 'extra': {
        const choice = this.#at(event.choice)
        choice.extra = { ...choice.extra, ...event.extra }
        return ''
      }
      case 'finish': {
        const closed = this.#close(event.choice)
        this.#at(event.choice).finish = event
        return closed
      }
    }
  }

  end(): string {
    const blocked = this.#choices.find(({ any, extra }) => !any && isObject(extra['promptFeedback']))
    const candidates = blocked ? [] : this.#choices.map(writeEnd)
    return this.#frame(writeResponse(candidates, this.#usage, this.#head, blocked?.extra['promptFeedback']))
  }

  #reasoning(event: Extract<ChatEvent, { type: 'reasoning' }>): string {
    if (isCarrier(event) && event.id !== undefined) {
      this.#at(event.choice).signatures.set(event.id, event.signature ?? '')
      return ''
    }
    const closed = this.#close(event.choice)
    if (isCarrier(event)) return closed + this.#send(event.choice, { text: '', thoughtSignature: event.signature })
    const part = writeThought(event)
    return part['text'] === '' && part['thoughtSignature'] === undefined
      ? closed
      : closed + this.#send(event.choice, part)
  }

  #at(index = 0): OpenChoice {
    for (let at = this.#choices.length; at <= index; at++) {
      this.#choices.push({
        call: undefined,
        signatures: new Map(),
        extra: {},
        malformed: undefined,
        finish: undefined,
        any: false,
      })
    }
    const choice = this.#choices[index]
    if (!choice) throw new RangeError(`choice ${index} is out of range`)
    return choice
  }

  /** Sends the call that is whole now. */
  #close(index: number | undefined): string {
    const choice = this.#at(index)
    const { call } = choice
    if (!call) return ''
    choice.call = undefined
    const { part, malformed } = writeCall(call, choice.signatures.get(call.id))
    choice.malformed ??= malformed
    return part ? this.#send(index, part) : ''
  }

  #send(index: number | undefined, part: JsonObject, beside: JsonObject = {}): string {
    this.#at(index).any = true
    const candidate = { content: { parts: [part], role: 'model' }, index: index ?? 0, ...beside }
    return this.#frame(writeResponse([candidate], undefined, this.#head))
  }
}

/**
 * What ends a candidate: its finish reason, and what was said of it as a whole. Where nothing is left to say it has an empty text,
 * as Gemini's has (googleapis/go-genai issue 795): chats of @google/genai forget a turn with a message that has no parts
 * (`isValidContent` in googleapis/js-genai src/chats.ts). An answer without a part is no turn to remember.
 */
function writeEnd({ finish, malformed, extra, any }: OpenChoice, index: number): JsonObject {
  const reason = malformed === undefined ? undefined : 'MALFORMED_FUNCTION_CALL'
  const parts = extraParts(extra)
  if (parts.length === 0 && any) parts.push({ text: '' })
  return compact({
    content: { parts, role: 'model' },
    finishReason: reason ?? writeFinishReason(finish?.reason ?? 'error', finish?.native),
    finishMessage: malformed,
    index,
    ...candidateExtra(extra),
  })
}
