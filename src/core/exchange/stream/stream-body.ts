import type { Writable } from 'node:stream'
import type { AnswerPieces } from './answer-pieces.ts'

/** Pulled by whoever reads, one piece at a time. */
export function webBody(pieces: AnswerPieces): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      start(controller) {
        pieces.whenGone((reason) => controller.error(reason))
        pieces.whenSilent((comment) => {
          // Nobody reads: a queue of comments would be no use.
          if ((controller.desiredSize ?? 0) >= 0) controller.enqueue(comment)
        })
      },
      async pull(controller) {
        const piece = await pieces.next()
        if (piece) controller.enqueue(piece)
        else if (!pieces.cancelled) controller.close()
      },
      cancel: (reason) => pieces.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/** What srvx takes for a stream that writes itself, as React's `renderToPipeableStream` gives one (srvx/node, `FastResponse`). */
export interface PipingBody {
  pipe(out: Writable): void
  abort(): void
  destroy(): void
}

/** Written to a response of Node's at its pace. A web stream between them took a seventh of what a short stream costs. */
export function pipingBody(pieces: AnswerPieces): PipingBody {
  const cancel = () => pieces.cancel()
  return {
    pipe: (out) => {
      out.once('close', cancel).once('error', cancel)
      pieces.whenGone(() => out.destroy())
      pieces.whenSilent((comment) => {
        if (!out.writableNeedDrain && !out.writableEnded) out.write(comment)
      })
      // The head is sent already: a client tells only by the connection that the rest is missing.
      write(pieces, out).catch((error: Error) => out.destroy(error))
    },
    abort: cancel,
    destroy: cancel,
  }
}

async function write(pieces: AnswerPieces, out: Writable): Promise<void> {
  for (;;) {
    const piece = await pieces.next()
    if (out.destroyed) return
    // A host may end it, as one with a time limit does.
    if (out.writableEnded) return void pieces.cancel()
    if (!piece) return void out.end()
    if (!out.write(piece)) await drained(out)
  }
}

function drained(out: Writable): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      out.off('drain', over).off('close', over)
      resolve()
    }
    out.once('drain', over).once('close', over)
  })
}
