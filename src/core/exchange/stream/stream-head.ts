import { ChatError } from '../../chat/index.ts'
import type { ChatEvent, Usage } from '../../chat/index.ts'
import { answerFrames } from '../../frames/answer-frames.ts'
import type { EventDecoder, Frame, FrameDecoder, Translator } from '../../translator/translator.ts'
import { announces } from './announcement.ts'

/** Comments and the like before the first message; more is no head any more. */
const MOST_BYTES = 64 * 1024

/**
 * The beginning of a stream that passes through: read until its first event, by the provider's own decoder, so that an
 * error or nothing at all in its place shows before the client has seen a byte.
 */
export class StreamHead {
  readonly #frames: FrameDecoder
  readonly #events: EventDecoder
  readonly #startsEarly: boolean
  readonly #onEvent: (event: ChatEvent) => void
  #size = 0
  /** Whether it was said that an answer begins, which is not yet the answer ({@link Translator.startsEarly}). */
  announced = false
  /** What the beginning tells of usage, such as the tokens of the prompt. */
  usage: Usage | undefined
  /** The id of the answer. */
  id: string | undefined

  constructor(translator: Translator, onEvent: (event: ChatEvent) => void) {
    this.#frames = translator.frames?.() ?? answerFrames()
    this.#events = translator.events()
    this.#startsEarly = translator.startsEarly ?? false
    this.#onEvent = onEvent
  }

  /**
   * Whether an answer has begun.
   * @throws {ChatError} the error that stands in its place.
   */
  push(bytes: Uint8Array): boolean {
    this.#size += bytes.byteLength
    return this.#begins(() => this.#frames.push(bytes)) || this.#size > MOST_BYTES
  }

  /** The stream ended before an answer began: @throws {ChatError} what its last words say, if anything. */
  end(): void {
    this.#begins(() => this.#frames.end())
  }

  #begins(next: () => Frame[]): boolean {
    try {
      for (const frame of next()) {
        const events = this.#events.push(frame)
        // A whole answer is none that a client could read as a stream.
        if (frame.bare) continue
        for (const event of events) {
          if (event.type === 'usage') this.usage = event.usage
          if (event.type === 'start') this.id = event.id
          this.#onEvent(event)
        }
        if (events.some((event) => !this.#startsEarly || !announces(event))) return true
        this.announced ||= events.length > 0
      }
      return false
    } catch (error) {
      // Bytes that byok cannot read may be fine for the client, whose format they are in.
      if (error instanceof ChatError && error.code !== 'upstream_bad_answer') throw error
      return true
    }
  }
}
