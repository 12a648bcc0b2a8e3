import { crc32 } from 'node:zlib'
import { badAnswer } from '../upstream/error.ts'
import { HeaderReader } from './event-stream-headers.ts'
import type { Frame, FrameDecoder } from '../translator/translator.ts'

/*
 * AWS event streams (`application/vnd.amazon.eventstream`) as frames.
 *
 *   total length (4) | headers length (4) | CRC of those 8 (4) | headers | payload | CRC of all before (4)
 *
 * Source: the Smithy specification, "Amazon Event Stream Specification" (smithy.io/2.0/aws/amazon-eventstream.html).
 */

const PRELUDE = 12
const CHECKSUM = 4
/** A message without headers and payload. */
const SHORTEST = 16
/** Headers of at most 128 KiB and a payload of at most 24 MiB, says the specification. */
const LONGEST = 128 * 1024 + 24 * 1024 * 1024 + SHORTEST

/** Before the name of an exception in {@link Frame.event}. */
export const EVENT_STREAM_EXCEPTION = 'exception:'

/**
 * Cuts an event stream of AWS into frames: `event` is the `:event-type`, or {@link EVENT_STREAM_EXCEPTION} and the name for an exception or
 * an error, and `data` the payload, which is JSON. Both checksums are verified; a length beyond the specification's is
 * refused before anything is kept for it.
 *
 * @param title whose stream it is, for errors
 */
export function eventStreamFrames(title: string): FrameDecoder {
  const prelude = Buffer.alloc(PRELUDE)
  const headers = new HeaderReader(title)
  /** The message that the last bytes left unfinished, or its prelude, and how much of it is there. */
  let message: Buffer | undefined
  let filled = 0
  /** What is wrong with the message after those that were given. */
  let fault: { error: unknown } | undefined

  /** Puts into what is unfinished all that `bytes` has for it from `at` on. Returns where that ends. */
  function fill(bytes: Buffer, at: number, target: Buffer): number {
    const end = Math.min(bytes.byteLength, at + target.byteLength - filled)
    bytes.copy(target, filled, at, end)
    filled += end - at
    return end
  }

  /** The messages before a broken one came well, and are given first. */
  function cut(bytes: Buffer): Frame[] {
    if (fault) throw fault.error
    const frames: Frame[] = []
    try {
      cutInto(frames, bytes)
    } catch (error) {
      if (frames.length === 0) throw error
      fault = { error }
    }
    return frames
  }

  function cutInto(frames: Frame[], bytes: Buffer): void {
    for (let at = 0; at < bytes.byteLength;) {
      const left = bytes.byteLength - at
      // Most messages come in one piece, and are read where they lie.
      const length = filled === 0 && left >= PRELUDE ? lengthOf(title, bytes, at) : undefined
      if (length !== undefined && left >= length) {
        frames.push(readMessage(title, bytes, at, at + length, headers))
        at += length
        continue
      }
      at = fill(bytes, at, message ?? prelude)
      if (filled < (message ?? prelude).byteLength) break
      if (message) {
        frames.push(readMessage(title, message, 0, message.byteLength, headers))
        message = undefined
        filled = 0
      } else {
        message = Buffer.allocUnsafe(checkedLengthOf(title, prelude))
        prelude.copy(message)
      }
    }
  }

  return {
    push: (bytes) => cut(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    end() {
      if (fault) throw fault.error
      if (filled > 0) throw badAnswer(title, 'an event stream that ends within a message')
      return []
    },
  }
}

function lengthOf(title: string, bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at)
  const headers = bytes.readUInt32BE(at + 4)
  if (length < SHORTEST || length > LONGEST) {
    throw badAnswer(title, `an event stream message of ${length} bytes, where ${SHORTEST} to ${LONGEST} are possible`)
  }
  if (headers > length - SHORTEST) {
    throw badAnswer(title, 'an event stream message whose headers are longer than itself')
  }
  return length
}

/** Before the rest of a message is waited for: with a wrong length the wait would have no end. */
function checkedLengthOf(title: string, prelude: Buffer): number {
  const length = lengthOf(title, prelude, 0)
  if (crc32(prelude.subarray(0, 8)) !== prelude.readUInt32BE(8)) {
    throw badAnswer(title, 'an event stream message whose prelude fails its checksum')
  }
  return length
}

/** Reads a whole message from where it begins to where it ends. Its checksum covers its prelude as well. */
function readMessage(title: string, bytes: Buffer, from: number, to: number, reader: HeaderReader): Frame {
  const end = to - CHECKSUM
  if (crc32(bytes.subarray(from, end)) !== bytes.readUInt32BE(end)) {
    throw badAnswer(title, 'an event stream message that fails its checksum')
  }
  const payload = from + PRELUDE + bytes.readUInt32BE(from + 4)
  const headers = reader.read(bytes, from + PRELUDE, payload)
  const text = (name: string) => headers.get(name) ?? ''
  const data = bytes.toString('utf8', payload, end)
  switch (text(':message-type')) {
    case 'event':
      return { event: text(':event-type'), data }
    case 'exception':
      return { event: EVENT_STREAM_EXCEPTION + text(':exception-type'), data }
    case 'error':
      return {
        event: EVENT_STREAM_EXCEPTION + text(':error-code'),
        data: JSON.stringify({ message: text(':error-message') }),
      }
    default:
      throw badAnswer(title, 'an event stream message without a known type')
  }
}
