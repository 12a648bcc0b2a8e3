import { ChatError, FREE_TEXT } from '../../chat/index.ts'
import type { ChatEvent, Extra, ReasoningFormat } from '../../chat/index.ts'
import type { EventDecoder } from '../../translator/translator.ts'
import { googleExtra } from '../answer-images.ts'
import { choiceIndex } from '../choice-index.ts'
import { CANDIDATE_EXTRA, OTHER_PARTS } from './fields.ts'
import { readFinishReason } from './finish.ts'
import { compact, isObject, messageOf, objects, pick, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { readLogProbs } from './logprobs.ts'
import type { GeminiOptions, GeminiProofs } from './options.ts'
import { errorInAnswer } from './read-error.ts'
import { readUsage } from './usage.ts'
import { randomHex } from '../../text/random-hex.ts'

interface Options extends Pick<GeminiOptions, 'signatures' | 'proofs' | 'wrapped'> {
  /** Names of tools whose calls are free text. */
  freeText: ReadonlySet<string>
}

/** Reads one streamed answer: each message is a GenerateContentResponse with what is new. */
export function chunkDecoder(options: Options): EventDecoder {
  const answer = new Answer(options)
  return {
    push: ({ data }) => answer.push(messageOf(data, unexpected)),
    end: () => answer.end(),
  }
}

/** Reads a whole answer, which is a stream of one message. */
export function readAnswer(body: unknown, options: Options): ChatEvent[] {
  const answer = new Answer(options)
  // Without `alt=sse` streams come as a list of messages.
  const messages: unknown[] = Array.isArray(body) ? body : [body]
  const events = messages.flatMap((message) => {
    if (!isObject(message)) throw unexpected('something that is no JSON object')
    return answer.push(message)
  })
  return [...events, ...answer.end()]
}

function unexpected(what: string): ChatError {
  return new ChatError(`The provider sent ${what}, where Gemini's format has an answer.`, {
    status: 502,
    code: 'upstream_bad_answer',
  })
}

/** The state of one answer. */
class Answer {
  readonly #options: Options
  readonly #candidates = new Map<number, Candidate>()
  #started = false
  #blocked: string | undefined

  constructor(options: Options) {
    this.#options = options
  }

  push(message: JsonObject): ChatEvent[] {
    if (message['error'] !== undefined) throw errorInAnswer(message)
    const response = this.#options.wrapped ? message['response'] : message
    // Code Assist sends messages about credits alone too.
    if (!isObject(response)) return []
    const events: ChatEvent[] = []
    if (!this.#started) this.#start(response, message, events)
    for (const [position, candidate] of objects(response['candidates']).entries()) {
      const index = choiceIndex(candidate['index'], position)
      this.#candidate(index).push(candidate, events)
    }
    this.#feedback(response['promptFeedback'], events)
    const usage = readUsage(response['usageMetadata'])
    if (usage) events.push({ type: 'usage', usage })
    return events
  }

  end(): ChatEvent[] {
    const events: ChatEvent[] = []
    if (this.#blocked !== undefined && this.#candidates.size === 0) {
      events.push({ type: 'finish', reason: 'content_filter', native: this.#blocked })
      this.#blocked = undefined
    }
    for (const candidate of this.#candidates.values()) candidate.end(events)
    return events
  }

  #start(response: JsonObject, message: JsonObject, events: ChatEvent[]): void {
    this.#started = true
    const created = typeof response['createTime'] === 'string' ? Date.parse(response['createTime']) : Number.NaN
    events.push(
      compact({
        type: 'start',
        id: text(response['responseId']) ?? text(message['traceId']),
        model: text(response['modelVersion']),
        created: Number.isNaN(created) ? undefined : Math.floor(created / 1000),
      }),
    )
  }

  /** A prompt that was refused: there are no candidates then. */
  #feedback(value: unknown, events: ChatEvent[]): void {
    if (!isObject(value)) return
    const reason = text(value['blockReason'])
    if (reason === undefined) return
    this.#blocked = reason
    events.push({ type: 'extra', extra: { promptFeedback: value } })
  }

  #candidate(index: number): Candidate {
    let candidate = this.#candidates.get(index)
    if (!candidate) this.#candidates.set(index, (candidate = new Candidate(index, this.#options)))
    return candidate
  }
}

/** The state of one candidate. */
class Candidate {
  readonly #at: { choice?: number }
  readonly #format: ReasoningFormat
  readonly #freeText: ReadonlySet<string>
  readonly #proofs: GeminiProofs | undefined
  #reasonings = 0
  /** Whether the last part was an unsigned thought, which the next one goes on with. */
  #thinking = false
  #calls = 0
  /** Told at the end: deltas may come after it, and older models say it with every message. */
  #finish: string | undefined
  readonly #images: JsonObject[] = []
  readonly #others: JsonObject[] = []
  #extra: Extra = {}

  constructor(index: number, { signatures = 'google-gemini-v1', proofs, freeText }: Options) {
    this.#freeText = freeText
    this.#proofs = proofs
    this.#at = index === 0 ? {} : { choice: index }
    this.#format = signatures
  }

  push(candidate: JsonObject, events: ChatEvent[]): void {
    const before = events.length
    const content = candidate['content']
    if (isObject(content)) for (const part of objects(content['parts'])) this.#part(part, events)
    this.#logprobs(candidate['logprobsResult'], events, before)
    const extra = pick(candidate, CANDIDATE_EXTRA)
    if (extra) Object.assign(this.#extra, extra)
    const reason = text(candidate['finishReason'])
    if (reason !== undefined && reason !== 'FINISH_REASON_UNSPECIFIED') this.#finish = reason
  }

  end(events: ChatEvent[]): void {
    const extra: Extra = { ...this.#extra }
    if (this.#images.length > 0) extra['images'] = this.#images
    if (this.#others.length > 0) extra['parts'] = this.#others
    if (Object.keys(extra).length > 0) events.push({ type: 'extra', extra, ...this.#at })
    if (this.#finish === undefined) return
    events.push({
      type: 'finish',
      reason: readFinishReason(this.#finish, this.#calls > 0),
      native: this.#finish,
      ...this.#at,
    })
    this.#finish = undefined
    this.#extra = {}
  }

  #part(part: JsonObject, events: ChatEvent[]): void {
    const wire = text(part['thoughtSignature'])
    const signature = wire === undefined ? undefined : (this.#proofs?.read(wire) ?? wire)
    const { functionCall, inlineData } = part
    if (part['thought'] === true && !isObject(functionCall)) {
      return this.#thought(typeof part['text'] === 'string' ? part['text'] : '', signature, events)
    }
    // An empty text is how streams bring the signature of what came before.
    if (this.#thinking && this.#format !== 'google-gemini-v1' && signature !== undefined && part['text'] === '') {
      return this.#thought('', signature, events)
    }
    this.#thinking = false
    if (isObject(functionCall)) return this.#call(functionCall, signature, events)
    if (typeof part['text'] === 'string' && part['text'] !== '') {
      events.push({ type: 'text', text: part['text'], ...this.#at })
    } else if (isObject(inlineData)) {
      if (this.#image(inlineData, signature)) return
    } else if (Object.keys(part).some((name) => OTHER_PARTS.has(name) || name === 'fileData')) this.#others.push(part)
    if (signature !== undefined) this.#carrier(signature, undefined, events)
  }

  #thought(words: string, signature: string | undefined, events: ChatEvent[]): void {
    if (words === '' && signature === undefined) return
    if (!this.#thinking) this.#reasonings++
    events.push({
      type: 'reasoning',
      index: this.#reasonings - 1,
      text: words,
      ...(signature !== undefined && { signature }),
      format: this.#format,
      ...this.#at,
    })
    this.#thinking = signature === undefined
  }

  /** See signatures.ts. */
  #carrier(signature: string, id: string | undefined, events: ChatEvent[]): void {
    events.push({
      type: 'reasoning',
      index: this.#reasonings++,
      text: '',
      signature,
      ...(id !== undefined && { id }),
      format: this.#format,
      ...this.#at,
    })
  }

  /** Calls come whole. The Gemini API gives no id before Gemini 3, and clients need one to answer. */
  #call(call: JsonObject, signature: string | undefined, events: ChatEvent[]): void {
    const name = text(call['name'])
    if (name === undefined) throw unexpected('a function call without a name')
    const id = text(call['id']) ?? `call_${randomHex()}`
    if (signature !== undefined) this.#carrier(signature, id, events)
    const index = this.#calls++
    const args = isObject(call['args']) ? call['args'] : {}
    const input = this.#freeText.has(name) ? args[FREE_TEXT] : undefined
    const kind = typeof input === 'string' ? 'custom' : 'function'
    events.push(
      { type: 'tool-call', index, id, name, kind, ...this.#at },
      {
        type: 'tool-call-delta',
        index,
        arguments: typeof input === 'string' ? input : JSON.stringify(args),
        ...this.#at,
      },
    )
  }

  /**
   * Kept to the end: an `extra` of the same name replaces the one before. Under the name OpenRouter gave to images of a model.
   *
   * @returns whether the signature is kept with it: Gemini wants it back on the very part.
   */
  #image({ mimeType, data }: JsonObject, signature: string | undefined): boolean {
    if (typeof mimeType !== 'string' || typeof data !== 'string') return false
    if (!mimeType.startsWith('image/')) {
      this.#others.push({ inlineData: { mimeType, data } })
      return false
    }
    const image = { type: 'image_url', image_url: { url: `data:${mimeType};base64,${data}` } }
    this.#images.push(signature === undefined ? image : { ...image, ...googleExtra(signature) })
    return true
  }

  #logprobs(value: unknown, events: ChatEvent[], from: number): void {
    const logprobs = readLogProbs(value)
    if (!logprobs) return
    const words = events.slice(from).find((event) => event.type === 'text')
    if (words) words.logprobs = logprobs
    else events.push({ type: 'text', text: '', logprobs, ...this.#at })
  }
}
