import type { Readable } from 'node:stream'

/** The bounds of what is read. */
export interface ByteLimits {
  /** The most bytes, and what is thrown beyond them. */
  most: number
  tooLarge(): Error
  /** Milliseconds it may take, 0 for as long as it likes, and what is thrown then. */
  timeout?: number
  tooSlow?(): Error
}

/**
 * Reads a stream of Node's to its end, by its own events: an iterator around it costs more than all else a small body does.
 * The stream is left as it is where a bound is met.
 */
export function bytesOf(
  source: Readable,
  { most, tooLarge, timeout = 0, tooSlow }: ByteLimits,
): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    if (source.readableEnded) return resolve(Buffer.alloc(0))
    if (source.destroyed) return reject(source.errored ?? closedEarly())
    const chunks: Buffer[] = []
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
    const onData = (chunk: Buffer) => {
      size += chunk.byteLength
      if (size > most) return fail(tooLarge())
      chunks.push(chunk)
    }
    const onEnd = () => {
      stop()
      resolve(Buffer.concat(chunks, size))
    }
    const onClose = () => fail(source.errored ?? closedEarly())
    source.on('data', onData).on('end', onEnd).on('error', fail).on('close', onClose)
  })
}

function closedEarly(): Error {
  return Object.assign(new Error('the connection closed before all was read'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
