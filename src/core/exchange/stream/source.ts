import { ChatError } from '../../chat/index.ts'
import type { ChatEvent, Usage } from '../../chat/index.ts'
import { PluginFault } from '../../plugin/fault.ts'
import type { Protocol, StreamEncoder } from '../../protocols/protocol.ts'
import { TAIL_BYTES } from '../../protocols/protocol.ts'
import { streamCut } from '../../upstream/error.ts'
import type { EventDecoder, FrameDecoder } from '../../translator/translator.ts'
import { LATE } from '../../async/waiting.ts'
import { announces, HoldBack } from './announcement.ts'
import { BROKEN_OFF, PatientReader } from './patient-reader.ts'
import { withoutQuotedSecrets } from './quoted-secrets.ts'
import type { StreamHead } from './stream-head.ts'
import { Tail } from './tail.ts'
import type { UsageStrip } from './unasked-usage.ts'

/** The bytes of one streamed answer, pulled one piece at a time so that a slow client slows the provider. */
export interface ByteSource {
  /**
   * The next piece, never empty; `undefined` at the end.
   * @throws {ChatError} when the provider fails, says so, or stops before its answer is whole.
   */
  next(): Promise<Uint8Array | undefined>
  /** Whether what was given so far ends between two messages, so that a comment may follow. */
  atBoundary(): boolean
  /** What an error repeats of the answer that has begun ({@link Protocol.encodeStreamError}). */
  begun(): Record<string, unknown> | undefined
}

const encoder = new TextEncoder()
const NOTHING = new Uint8Array()

/** What one piece of the network brought. */
export interface EventBatch {
  events: ChatEvent[]
  /** Whether the answer is whole with these. */
  last: boolean
}

/** The events of one streamed answer, pulled one piece of the network at a time. */
export interface EventSource {
  /**
   * The next events: never none, but for the last batch. `undefined` after that one.
   * @throws {ChatError} when the provider fails, says so, or stops before its answer is whole.
   */
  next(): Promise<EventBatch | undefined>
}

export interface EventSourceOptions {
  body: AsyncIterable<Uint8Array>
  frames: FrameDecoder
  events: EventDecoder
  provider: string
  /** {@link Translator.startsEarly} */
  startsEarly?: boolean | undefined
  onEvent(event: ChatEvent): void
}

/** A provider's stream in the neutral model. */
export function eventSource(options: EventSourceOptions): EventSource {
  const { body, frames, events, provider, startsEarly = false, onEvent } = options
  const reader = new PatientReader(body, provider, () => finished)
  /** Nothing was given on, and nothing is there to be but the word that an answer begins. */
  let announced = startsEarly
  const hold = new HoldBack()
  let finished = false
  let ended = false
  let told = false
  /** What is ready to be given on. */
  let ready: ChatEvent[] = []
  /** What went wrong after them. */
  let failure: { error: unknown } | undefined

  const take = (decoded: ChatEvent[]): void => {
    for (const event of decoded) {
      if (event.type === 'finish') finished = true
      onEvent(event)
      if (!announces(event)) announced = false
      ready.push(event)
    }
  }

  const endOfAnswer = (): void => {
    ended = true
    take(events.end())
    if (!finished) throw streamCut(provider)
  }

  const endOfStream = (): void => {
    try {
      for (const frame of frames.end()) take(events.push(frame))
    } catch (error) {
      // Half a message, which nothing can be made of, is what a cut leaves behind.
      const unreadable =
        !(error instanceof ChatError) || error instanceof PluginFault || error.code === 'upstream_bad_answer'
      throw unreadable && !finished ? streamCut(provider) : error
    }
    endOfAnswer()
  }

  return {
    async next() {
      while (!ended && !failure && (ready.length === 0 || announced)) {
        try {
          const piece = ready.length > 0 ? await reader.readWithin(hold.left) : await reader.read()
          if (piece === LATE) break
          if (piece === BROKEN_OFF) endOfAnswer()
          else if (piece.done) endOfStream()
          else for (const frame of frames.push(piece.value)) take(events.push(frame))
        } catch (error) {
          if (announced) ready = []
          // What came before the fault, in the same piece of the network, still reaches the client.
          failure = { error }
        }
      }
      announced = false
      const last = ended && !failure
      if (ready.length > 0 || (last && !told)) {
        const batch = { events: ready, last }
        ready = []
        told = last
        return batch
      }
      if (failure) throw failure.error
      return undefined
    },
  }
}

/** The events of a provider's stream in the client's protocol. */
export function translatedSource(events: EventSource, output: StreamEncoder): ByteSource {
  let failure: { error: unknown } | undefined
  return {
    atBoundary: () => true,
    begun: () => output.begun?.(),
    async next() {
      while (!failure) {
        const batch = await events.next()
        if (!batch) return undefined
        let text = ''
        try {
          for (const event of batch.events) text += output.push(event)
          if (batch.last) text += output.end()
        } catch (error) {
          failure = { error }
        }
        if (text !== '') return encoder.encode(text)
      }
      throw failure.error
    },
  }
}

/** The bytes of an answer in which there is nothing to read. */
export function bytesSource(body: AsyncIterable<Uint8Array>, provider: string): ByteSource {
  const reader = new PatientReader(body, provider, () => false)
  let begun = false
  return {
    atBoundary: () => false,
    begun: () => undefined,
    async next() {
      for (;;) {
        const piece = await reader.read()
        if (piece === BROKEN_OFF || piece.done) {
          if (!begun) throw streamCut(provider)
          return undefined
        }
        if (piece.value.byteLength === 0) continue
        begun = true
        return piece.value
      }
    },
  }
}

export interface PassingSource extends ByteSource {
  /** How many bytes came so far, and the last of them. */
  passed(): { bytes: number; tail: string }
}

export interface PassthroughOptions {
  body: AsyncIterable<Uint8Array>
  /** Tells an answer that begins from one that is none. */
  head: StreamHead
  protocol: Protocol
  provider: string
  /** Takes out what the client did not ask for. */
  strip?: UsageStrip | undefined
  onUsage(usage: Usage): void
  /** Why the answer ended, where its last bytes say so. */
  onFinish(reasons: string[]): void
  /** The error that the provider told in these last bytes of its stream, if any. */
  told(tail: string): ChatError | undefined
  /** The stream ended in the provider's own word that it failed, which is given on as it is. */
  onFailed(failure: ChatError): void
}

/** The beginning of a stream, and what was read of it and not given on. */
interface Beginning {
  head: StreamHead
  hold: HoldBack
  held: Uint8Array[]
}

/**
 * A provider's stream as it is. Only its ends are looked at: the first message, so that an error in its place can still be
 * answered by another account, and the last, to tell a whole answer from one that was cut.
 */
export function passthroughSource(options: PassthroughOptions): PassingSource {
  const { body, protocol, provider, strip, onUsage, onFinish, told, onFailed } = options
  const reader = new PatientReader(body, provider, () => {
    if (beginning) return false
    const last = tail.text()
    return protocol.inspectTail(last, begun).ended === true || told(last) !== undefined
  })
  const tail = new Tail(TAIL_BYTES)
  /** Until an answer has begun: what reads the beginning is not kept for as long as the rest takes. */
  let beginning: Beginning | undefined = { head: options.head, hold: new HoldBack(), held: [] }
  /** What it told of usage. */
  let begun: Usage | undefined
  /** Under which id the client knows the answer. */
  let id: string | undefined
  let ended = false

  /** Lets go of the beginning. */
  const release = ({ head, held }: Beginning): Uint8Array => {
    beginning = undefined
    begun = head.usage
    id = head.id
    if (begun) onUsage(begun)
    return Buffer.concat(held)
  }

  const end = (): Uint8Array => {
    ended = true
    if (beginning) {
      beginning.head.end()
      throw streamCut(provider)
    }
    const last = tail.text()
    const { complete, failed, append, usage, finish } = protocol.inspectTail(last, begun)
    if (usage) onUsage(usage)
    if (finish) onFinish(finish)
    // An error in a form that the protocol's clients do not read, such as JSON without `data:`, is told to them in their own.
    if (!complete) throw told(last) ?? streamCut(provider)
    if (failed) onFailed(told(last) ?? streamCut(provider))
    const rest = strip?.end() ?? NOTHING
    return append === '' ? rest : Buffer.concat([rest, encoder.encode(append)])
  }

  return {
    passed() {
      return { bytes: tail.total, tail: tail.text() }
    },
    begun: () => (id === undefined ? undefined : { id }),
    atBoundary() {
      return beginning !== undefined || (strip?.atBoundary ?? tail.endsWithBlankLine)
    },
    async next() {
      while (!ended) {
        const read = beginning?.head.announced ? await reader.readWithin(beginning.hold.left) : await reader.read()
        let piece: Uint8Array
        if (read === LATE) piece = beginning ? release(beginning) : NOTHING
        else if (read === BROKEN_OFF || read.done) {
          const last = end()
          return last.byteLength > 0 ? last : undefined
        } else {
          piece = read.value
          if (piece.byteLength === 0) continue
          tail.push(piece)
          if (beginning) {
            beginning.held.push(piece)
            if (!beginning.head.push(piece)) continue
            piece = release(beginning)
          }
        }
        const passed = strip ? strip.push(piece) : piece
        if (passed.byteLength > 0) return withoutQuotedSecrets(passed)
      }
      return undefined
    },
  }
}
