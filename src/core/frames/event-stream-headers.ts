import type { ChatError } from '../chat/index.ts'
import { badAnswer } from '../upstream/error.ts'

/** Before a value whose length is not its type's, two bytes tell it. */
const TOLD = -1
/** Bytes of a value by its type: true, false, byte, short, integer, long, bytes, text, timestamp, UUID. */
const LENGTHS = [0, 0, 1, 2, 4, 8, TOLD, TOLD, 8, 16]
const TEXT = 7

/** Reads the headers of one stream's messages. */
export class HeaderReader {
  #bytes = ''
  #texts: ReadonlyMap<string, string> = new Map()
  readonly #title: string

  /** @param title whose stream it is, for errors */
  constructor(title: string) {
    this.#title = title
  }

  /**
   * The headers that are text, by their names; what the messages of a chat say of themselves is text.
   *
   * @param from where in `bytes` the headers begin
   * @param end where they end
   * @throws {ChatError} where they are not as the specification has them.
   */
  read(bytes: Buffer, from: number, end: number): ReadonlyMap<string, string> {
    // In most messages they are the same as in the one before, byte for byte, and to see that costs a fraction of reading them.
    const headers = bytes.toString('latin1', from, end)
    if (headers !== this.#bytes) {
      this.#texts = textHeaders(this.#title, bytes, from, end)
      this.#bytes = headers
    }
    return this.#texts
  }
}

/*
 *   name length (1) | name | type (1) | value length (2, for bytes and texts) | value
 *
 * Source: the Smithy specification, "Amazon Event Stream Specification" (smithy.io/2.0/aws/amazon-eventstream.html).
 */
function textHeaders(title: string, bytes: Buffer, from: number, end: number): Map<string, string> {
  const found = new Map<string, string>()
  for (let at = from; at < end;) {
    const type = at + 1 + bytes.readUInt8(at)
    const length = type < end ? LENGTHS[bytes.readUInt8(type)] : undefined
    if (length === undefined) throw unreadable(title)
    const value = length === TOLD ? type + 3 : type + 1
    const next = value > end ? value : value + (length === TOLD ? bytes.readUInt16BE(type + 1) : length)
    if (next > end) throw unreadable(title)
    if (bytes[type] === TEXT) found.set(bytes.toString('utf8', at + 1, type), bytes.toString('utf8', value, next))
    at = next
  }
  return found
}

function unreadable(title: string): ChatError {
  return badAnswer(title, 'an event stream message with unreadable headers')
}
