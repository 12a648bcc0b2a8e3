import type { ChatError } from '../chat/index.ts'
import type { RequestInfo } from '../hooks.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { LATE, within } from '../waiting.ts'
import { signedResponse } from './headers.ts'
import type { ByteSource } from './source.ts'

export interface StreamResponseOptions {
  info: RequestInfo
  source: ByteSource
  protocol: Protocol
  /** Milliseconds of silence after which a comment is sent; 0 for never. */
  keepAlive: number
  /** The first byte of the answer is about to leave. A comment that keeps the client waiting is none. */
  onFirstByte(): void
  /** A piece of the answer, of so many bytes, is about to leave. */
  onPiece?: ((bytes: number) => void) | undefined
  /** The stream failed after its first byte; the client has been told in its own protocol. */
  onError(error: unknown): ChatError
  /** The stream is over: to its end, or with the error that was reported. */
  onEnd(): void
  /** The client went away: stop the provider. */
  onCancel(reason: unknown): void
}

const KEEP_ALIVE = ': keep-alive\n\n'

/**
 * Answers with a stream.
 *
 * Nothing is committed before the first piece is here, so that a failure until then is an HTTP error and can still be
 * retried elsewhere. A provider that stays silent for longer than `keepAlive` is committed to with a comment, lest the
 * client give up; what fails after is an error event.
 *
 * @throws what `source.next()` throws for the first piece.
 */
export async function streamResponse(options: StreamResponseOptions): Promise<Response> {
  const { info, source, protocol, keepAlive, onPiece } = options
  const encoder = new TextEncoder()
  let pending: Promise<Uint8Array | undefined> | undefined
  let cancelled = false
  let begun = false
  let first: Uint8Array | typeof LATE | undefined = await nextOrSilence()

  async function nextOrSilence(): Promise<Uint8Array | typeof LATE | undefined> {
    pending ??= source.next()
    const result = keepAlive > 0 ? await within(pending, keepAlive) : await pending
    if (result !== LATE) pending = undefined
    return result
  }

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const piece = first ?? (await nextOrSilence())
            first = undefined
            if (cancelled) return
            if (piece === LATE) {
              if (!source.atBoundary) continue
              controller.enqueue(encoder.encode(protocol.keepAlive ?? KEEP_ALIVE))
            } else if (piece) {
              if (!begun) options.onFirstByte()
              begun = true
              onPiece?.(piece.byteLength)
              controller.enqueue(piece)
            } else {
              controller.close()
              options.onEnd()
            }
            return
          }
        } catch (error) {
          if (cancelled) return
          const text = protocol.encodeStreamError(options.onError(error))
          // A blank line first: the cut may have come in the middle of an event, which must not swallow this one.
          controller.enqueue(encoder.encode(source.atBoundary ? text : `\n\n${text}`))
          controller.close()
          options.onEnd()
        }
      },
      cancel(reason) {
        cancelled = true
        options.onCancel(reason)
      },
    },
    { highWaterMark: 0 },
  )

  return signedResponse(info, body, 'text/event-stream; charset=utf-8', {
    'cache-control': 'no-cache',
    // nginx and its kin would else collect the stream before passing it on.
    'x-accel-buffering': 'no',
  })
}
