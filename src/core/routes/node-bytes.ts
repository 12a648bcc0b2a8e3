import type { Readable } from 'node:stream'

/** The bounds of what is read. */
export interface ByteLimits {
  /** The most bytes, and what is thrown beyond them. */
  most: number
  tooLarge(): Error
  /** Milliseconds it may take, 0 for as long as it likes, and what is thrown then. */
  timeout?: number
  tooSlow?(): Error
  /** How many there will be, where that is known: they are put in their place as they come, not all at the end. */
  expected?: number
}

/**
 * What a stream of Node's has to give, where all of it is here already: nothing has to be waited for. Else the stream is left as it is.
 *
 * @param length how many bytes there will be
 */
export function takeWhole(source: Readable, length: number): Buffer<ArrayBuffer> | undefined {
  if (source.readableLength !== length || source.readableEncoding !== null || source.readableObjectMode)
    return undefined
  // By its length: without one, newer Nodes give the first piece alone.
  const all = source.read(length) as Buffer<ArrayBuffer>
  // Its end is yet to be met.
  source.resume()
  return all
}

/**
 * Reads a stream of Node's to its end, by its own events: an iterator around it costs more than all else a small body does.
 * The stream is left as it is where a bound is met.
 */
export function bytesOf(
  source: Readable,
  { most, tooLarge, timeout = 0, tooSlow, expected = 0 }: ByteLimits,
): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    if (source.readableEnded) return resolve(Buffer.alloc(0))
    if (source.destroyed) return reject(source.errored ?? closedEarly())
    const chunks: Buffer[] = []
    const whole = expected > LARGE && expected <= most ? Buffer.allocUnsafeSlow(expected) : undefined
    let size = 0
    const timer = timeout > 0 && tooSlow ? setTimeout(() => fail(tooSlow()), timeout) : undefined
    const stop = () => {
      clearTimeout(timer)
      source.off('data', onData).off('end', onEnd).off('error', fail).off('close', onClose)
    }
    const fail = (error: Error) => {
      stop()
      source.pause()
      // What breaks later is nobody's concern, but would end the process without a listener.
      source.on('error', () => {})
      reject(error)
    }
    const onData = (piece: Buffer | string) => {
      // A host may have asked for texts, and takes them back as they were.
      const chunk = typeof piece === 'string' ? Buffer.from(piece, source.readableEncoding ?? 'utf8') : piece
      const at = size
      size += chunk.byteLength
      if (size > most) return fail(tooLarge())
      if (whole) chunk.copy(whole, at)
      else chunks.push(chunk)
    }
    const onEnd = () => {
      stop()
      if (!whole) resolve(Buffer.concat(chunks, size))
      else if (size === expected) resolve(whole)
      else reject(closedEarly())
    }
    const onClose = () => fail(source.errored ?? closedEarly())
    source.on('data', onData).on('end', onEnd).on('error', fail).on('close', onClose)
    // A host may have paused it until somebody reads.
    source.resume()
  })
}

/** What is larger is worth a place of its own from the start. */
const LARGE = 64 * 1024

function closedEarly(): Error {
  return Object.assign(new Error('the connection closed before all was read'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
