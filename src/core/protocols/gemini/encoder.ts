import type { ChatEvent, Extra, Usage } from '../../chat/index.ts'
import { badAnswer } from '../../upstream/error.ts'
import { NewImages } from '../answer-images.ts'
import type { AnswerImage } from '../answer-images.ts'
import type { EncodeContext, StreamEncoder } from '../protocol.ts'
import type { AnswerHead } from './encode-parts.ts'
import {
  answerHead,
  candidateExtra,
  imagePart,
  isCarrier,
  writeCall,
  writeResponse,
  writeThought,
} from './encode-parts.ts'
import { writeFinishReason } from './finish.ts'
import { compact, isObject, objects } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { writeLogProbs } from './logprobs.ts'

type Finish = Extract<ChatEvent, { type: 'finish' }>

/** What is said beside calls. */
type Words = Extract<ChatEvent, { type: 'text' | 'refusal' | 'reasoning' }> | ImageEvent

interface ImageEvent {
  type: 'image'
  image: AnswerImage
  choice: number | undefined
}

interface OpenCall {
  id: string
  name: string
  kind: 'function' | 'custom'
  arguments: string
  /** How long the arguments were when they were last tried, and found not to be whole. */
  tried: number
  sent: boolean
}

/** The state of one choice. */
interface OpenChoice {
  calls: Map<number, OpenCall>
  /** Calls whose arguments are still coming, and what came after them. */
  waiting: (OpenCall | Words)[]
  signatures: Map<string, string>
  extra: Extra
  images: NewImages
  malformed: string | undefined
  finish: Finish | undefined
  /** Whether a part was sent. */
  any: boolean
}

/**
 * Writes one answer as Gemini's stream: each message is a GenerateContentResponse with what is new. Calls are sent whole, so their
 * arguments are collected first; providers exist that send those of parallel calls in turns, or say something before the last of them,
 * and what comes after a call waits for it. Finish reasons and usage are in the last message, which is where Gemini's clients look.
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
      case 'refusal':
        return event.text === '' && !event.logprobs ? '' : this.#inTurn(event)
      case 'reasoning':
        if (!isCarrier(event) || event.id === undefined) return this.#inTurn(event)
        this.#at(event.choice).signatures.set(event.id, event.signature ?? '')
        return ''
      case 'tool-call': {
        const before = this.#advance(event.choice)
        const { id, name, kind } = event
        const call: OpenCall = { id, name, kind, arguments: '', tried: 0, sent: false }
        const { calls, waiting } = this.#at(event.choice)
        calls.set(event.index, call)
        waiting.push(call)
        return before
      }
      case 'tool-call-delta': {
        const call = this.#at(event.choice).calls.get(event.index)
        if (!call) throw new TypeError(`tool-call-delta for call ${event.index}, which has not begun`)
        if (call.sent && event.arguments.trim() !== '')
          throw badAnswer('The provider', 'more of a tool call that was whole')
        call.arguments += event.arguments
        return ''
      }
      case 'extra': {
        const choice = this.#at(event.choice)
        choice.extra = { ...choice.extra, ...event.extra }
        const images = choice.images.of(event.extra)
        return images.map((image) => this.#inTurn({ type: 'image', image, choice: event.choice })).join('')
      }
      case 'finish': {
        this.#at(event.choice).finish = event
        return this.#advance(event.choice, true)
      }
    }
  }

  end(): string {
    const blocked = this.#choices.find(({ any, extra }) => !any && isObject(extra['promptFeedback']))
    const candidates = blocked ? [] : this.#choices.map(writeEnd)
    return this.#frame(writeResponse(candidates, this.#usage, this.#head, blocked?.extra['promptFeedback']))
  }

  #inTurn(event: Words): string {
    const { waiting } = this.#at(event.choice)
    if (waiting.length === 0) return this.#write(event)
    waiting.push(event)
    return this.#advance(event.choice)
  }

  /** Sends what waited, up to the first call that is not whole. */
  #advance(index: number | undefined, all = false): string {
    const { waiting } = this.#at(index)
    let written = ''
    for (let next = waiting[0]; next; next = waiting[0]) {
      const text = 'type' in next ? this.#write(next) : this.#call(index, next, all)
      if (text === undefined) break
      written += text
      waiting.shift()
    }
    return written
  }

  #write(event: Words): string {
    if (event.type === 'image') return this.#send(event.choice, imagePart(event.image))
    if (event.type === 'reasoning') {
      if (isCarrier(event)) return this.#send(event.choice, { text: '', thoughtSignature: event.signature })
      const part = writeThought(event)
      const nothing = part['text'] === '' && part['thoughtSignature'] === undefined
      return nothing ? '' : this.#send(event.choice, part)
    }
    const logprobsResult = event.logprobs && writeLogProbs(event.logprobs)
    return this.#send(event.choice, { text: event.text }, compact({ logprobsResult }))
  }

  #at(index = 0): OpenChoice {
    for (let at = this.#choices.length; at <= index; at++) {
      this.#choices.push({
        calls: new Map(),
        waiting: [],
        signatures: new Map(),
        extra: {},
        images: new NewImages(),
        malformed: undefined,
        finish: undefined,
        any: false,
      })
    }
    const choice = this.#choices[index]
    if (!choice) throw new RangeError(`choice ${index} is out of range`)
    return choice
  }

  /** @returns `undefined` for a call that is not whole, unless it is the `last` chance. Free text may always go on. */
  #call(index: number | undefined, call: OpenCall, last: boolean): string | undefined {
    if (!last && (call.kind === 'custom' || call.tried === call.arguments.length)) return undefined
    const choice = this.#at(index)
    const { part, malformed } = writeCall(call, choice.signatures.get(call.id))
    if (!part && !last) {
      call.tried = call.arguments.length
      return undefined
    }
    call.sent = true
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
  const parts = objects(extra['parts'])
  if (parts.length === 0 && any) parts.push({ text: '' })
  return compact({
    content: { parts, role: 'model' },
    finishReason: reason ?? writeFinishReason(finish?.reason ?? 'error', finish?.native),
    finishMessage: malformed,
    index,
    ...candidateExtra(extra),
  })
}
