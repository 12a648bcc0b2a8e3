import type { Readable } from 'node:stream'

/** The most of an unwanted body that is read on, so that the client gets to the end of it and to the answer. */
const PATIENCE_BYTES = 64 * 1024 * 1024

/**
 * A client's body, piece by piece.
 *
 * Who stops early leaves the rest to be read and thrown away, up to a bound. Cancelling the body instead would be right for a
 * web stream, but not for one of Node's: that takes the socket away from a request that still has to be answered, and whoever
 * looks for it next, as a host may, fails.
 */
export async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const pieces: AsyncIterator<Uint8Array, undefined> = body.values({ preventCancel: true })
  // True while it is read: what fails then has no rest.
  let over = true
  try {
    for (;;) {
      const { done, value } = await pieces.next()
      if (done) return
      over = false
      yield value
      over = true
    }
  } finally {
    if (!over) void throwAwayRest(pieces)
  }
}

/** Reads on what nobody wants of a stream of Node's, up to the same bound. */
export function throwAway(body: Readable): Promise<void> {
  return throwAwayRest(body.iterator({ destroyOnReturn: false }))
}

async function throwAwayRest(pieces: AsyncIterator<Uint8Array, undefined>): Promise<void> {
  let size = 0
  try {
    while (size < PATIENCE_BYTES) {
      const { done, value } = await pieces.next()
      if (done) return
      size += value.byteLength
    }
  } catch {
    // The client went away: nothing is left to read.
  }
}
