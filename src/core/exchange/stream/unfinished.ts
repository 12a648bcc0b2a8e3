import { textOfEvent } from '../../chat/index.ts'
import type { ChatEvent, Usage } from '../../chat/index.ts'
import { isObject, parseJson } from '../../json/json.ts'
import type { Protocol } from '../../protocols/protocol.ts'
import { estimateText, TextEstimate } from '../../tokens/estimate.ts'
import { sseFrames } from '../../frames/sse.ts'

/*
 * Most providers tell what a stream used at its end. A client that hangs up before has used it all the same, so for a stream that did
 * not come to its end it is estimated; and so it is for an answer whose provider tells nothing, or that nothing was used.
 */

/** About as long are OpenAI's messages, of mostly one token each: for those in which no text is found. */
const MESSAGE_BYTES = 250

/** What was sent of a stream. */
export interface Sent {
  /** An estimate. */
  tokens: number
  /** What the provider told of it all, if it did: no estimate is needed. */
  told?: Usage | undefined
}

/** Takes note of an answer's events on their way. */
export class SentEvents {
  readonly #text = new TextEstimate()
  /** What was told after the last of the text. */
  #told: Usage | undefined
  #finished = false

  note(event: ChatEvent): void {
    if (event.type === 'usage') this.#told = event.usage
    // Before, Gemini tells but the prompt.
    if (event.type === 'finish') this.#finished = true
    const text = textOfEvent(event)
    if (text === '') return
    this.#told = undefined
    this.#text.add(text)
  }

  get sent(): Sent {
    return { tokens: this.#text.tokens, told: this.#finished ? this.#told : undefined }
  }
}

/** As much, of bytes that passed through. @param tail the last of them; its first line may be cut */
export function sentBytes(protocol: Pick<Protocol, 'inspectTail'>, bytes: number, tail: string, begun?: Usage): Sent {
  const { complete, failed, usage } = protocol.inspectTail(tail, begun)
  const frames = sseFrames()
  let text = ''
  for (const { data } of [...frames.push(Buffer.from(tail)), ...frames.end()]) text += wordsOf(data)
  const share = bytes / Math.max(Buffer.byteLength(tail), 1)
  const tokens = Math.ceil(text === '' ? bytes / MESSAGE_BYTES : estimateText(text) * share)
  return { tokens: Math.max(tokens, usage?.output ?? 0), told: complete && !failed ? usage : undefined }
}

/** Where the protocols have what a model writes, in the messages that bring a piece of it. */
const WORDS = new Set([
  'text',
  'content',
  'thinking',
  'partial_json',
  'arguments',
  'delta',
  'refusal',
  'reasoning_content',
])

function wordsOf(data: string): string {
  const message = parseJson(data)
  // OpenAI's Responses say each piece once more as a whole.
  if (isObject(message) && /\.(?:done|added|completed)$/.test(String(message['type']))) return ''
  return wordsIn(message)
}

function wordsIn(message: unknown): string {
  const found: string[] = []
  const look = (value: unknown, name: string): void => {
    if (typeof value === 'string' && WORDS.has(name)) found.push(value)
    else if (Array.isArray(value)) for (const item of value) look(item, name)
    else if (isObject(value)) for (const [key, inner] of Object.entries(value)) look(inner, key)
  }
  look(message, '')
  return found.join('')
}

/** As much, of a whole answer. @param body as it came, for what its events do not have, such as the text of OpenAI's old completions */
export function sentWhole(events: ChatEvent[], body: unknown): Sent {
  const sent = new SentEvents()
  for (const event of events) sent.note(event)
  const { tokens, told } = sent.sent
  return { tokens: tokens > 0 ? tokens : estimateText(wordsIn(body)), told }
}

/** Whether a provider told what an answer used. Servers that do not count tell of none at all. */
export function tellsUsage(usage: Usage | undefined): usage is Usage {
  return usage !== undefined && (usage.input > 0 || usage.output > 0)
}

/**
 * What was used, where it was not told of the whole answer.
 * @param begun what its beginning told, such as the tokens of the prompt
 * @param estimateInput counts the prompt where nothing did
 */
export function usageOfUnfinished(
  { tokens, told }: Sent,
  begun: Usage | undefined,
  estimateInput: () => number,
): Usage {
  if (tellsUsage(told)) return told
  const input = begun && begun.input > 0 ? begun.input : estimateOrNone(estimateInput)
  return { ...begun, input, output: Math.max(begun?.output ?? 0, tokens), estimated: true }
}

/** A body that a provider understood may be none to byok. */
function estimateOrNone(estimateInput: () => number): number {
  try {
    return estimateInput()
  } catch {
    return 0
  }
}
