import { ChatError } from '../chat/index.ts'
import type { ChatEvent, Usage } from '../chat/index.ts'
import type { Protocol, StreamEncoder } from '../protocols/protocol.ts'
import { TAIL_BYTES } from '../protocols/protocol.ts'
import { streamCut, streamFailure } from '../upstream/error.ts'
import type { EventDecoder, FrameDecoder } from '../upstream/translator.ts'
import type { StreamHead } from './stream-head.ts'

/** The bytes of one streamed answer, pulled one piece at a time so that a slow client slows the provider. */
export interface ByteSource {
  /**
   * The next piece, never empty; `undefined` at the end.
   * @throws {ChatError} when the provider fails, says so, or stops before its answer is whole.
   */
  next(): Promise<Uint8Array | undefined>
  /** Whether what was given so far ends between two messages, so that a comment may follow. */
  readonly atBoundary: boolean
}

const encoder = new TextEncoder()

export interface TranslatedOptions {
  body: ReadableStream<Uint8Array>
  frames: FrameDecoder
  events: EventDecoder
  encoder: StreamEncoder
  provider: string
  onEvent(event: ChatEvent): void
}

/** A provider's stream in the client's protocol. */
export function translatedSource(options: TranslatedOptions): ByteSource {
  const { frames, events, encoder: output, provider, onEvent } = options
  const reader = options.body.getReader()
  let finished = false
  let ended = false
  /** What is ready to be given on. */
  let text = ''
  /** What went wrong after `text`. */
  let failure: { error: unknown } | undefined

  const encode = (decoded: ChatEvent[]): void => {
    for (const event of decoded) {
      if (event.type === 'finish') finished = true
      onEvent(event)
      text += output.push(event)
    }
  }

  const decode = (bytes: Uint8Array): void => {
    for (const frame of frames.push(bytes)) encode(events.push(frame))
  }

  const endOfStream = (): void => {
    ended = true
    try {
      for (const frame of frames.end()) encode(events.push(frame))
    } catch (error) {
      // Half a message, which nothing can be made of, is what a cut leaves behind.
      const unreadable = !(error instanceof ChatError) || error.code === 'upstream_bad_answer'
      throw unreadable && !finished ? streamCut(provider) : error
    }
    encode(events.end())
    if (!finished) throw streamCut(provider)
    text += output.end()
  }

  return {
    atBoundary: true,
    async next() {
      while (!ended && !failure && text === '') {
        try {
          const { done, value } = await read(reader, provider)
          if (done) endOfStream()
          else decode(value)
        } catch (error) {
          // What came before the fault, in the same piece of the network, still reaches the client.
          failure = { error }
        }
      }
      if (text !== '') {
        const piece = encoder.encode(text)
        text = ''
        return piece
      }
      if (failure) throw failure.error
      return undefined
    },
  }
}

export interface PassthroughOptions {
  body: ReadableStream<Uint8Array>
  /** Tells an answer that begins from one that is none. */
  head: StreamHead
  protocol: Protocol
  provider: string
  onUsage(usage: Usage): void
}

/**
 * A provider's stream as it is. Only its ends are looked at: the first message, so that an error in its place can still be
 * answered by another account, and the last, to tell a whole answer from one that was cut.
 */
export function passthroughSource({ body, head, protocol, provider, onUsage }: PassthroughOptions): ByteSource {
  const reader = body.getReader()
  const tail = new Tail(TAIL_BYTES)
  let held: Uint8Array[] | undefined = []
  let ended = false

  return {
    get atBoundary() {
      return held !== undefined || tail.endsWithBlankLine
    },
    async next() {
      while (!ended) {
        const { done, value } = await read(reader, provider)
        if (!done) {
          if (value.byteLength === 0) continue
          tail.push(value)
          if (!held) return value
          held.push(value)
          if (!head.push(value)) continue
          const first = held.length === 1 ? value : Buffer.concat(held)
          held = undefined
          return first
        }
        ended = true
        if (held) {
          head.end()
          throw streamCut(provider)
        }
        const { complete, append, usage } = protocol.inspectTail(tail.text())
        if (usage) onUsage(usage)
        if (!complete) throw streamCut(provider)
        if (append !== '') return encoder.encode(append)
      }
      return undefined
    },
  }
}

async function read(reader: ReadableStreamDefaultReader<Uint8Array>, provider: string) {
  try {
    return await reader.read()
  } catch (error) {
    throw streamFailure(error, provider)
  }
}

const LF = 10
const CR = 13

/** The last bytes of a stream, kept by reference so that a chunk costs the same however long the stream is. */
class Tail {
  readonly #size: number
  readonly #chunks: Uint8Array[] = []
  #length = 0

  constructor(size: number) {
    this.#size = size
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#length += chunk.byteLength
    for (let first = this.#chunks[0]; first && this.#length - first.byteLength >= this.#size; first = this.#chunks[0]) {
      this.#chunks.shift()
      this.#length -= first.byteLength
    }
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-this.#size).toString('utf8')
  }

  get endsWithBlankLine(): boolean {
    if (this.#length === 0) return true
    const end = Buffer.concat(this.#chunks.slice(-4)).subarray(-4)
    const [last, before] = [end.at(-1), end.at(-2)]
    return last === LF && (before === LF || (before === CR && end.at(-3) === LF))
  }
}
