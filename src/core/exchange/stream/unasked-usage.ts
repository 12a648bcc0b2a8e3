import type { UnaskedUsage } from '../../protocols/protocol.ts'
import type { UpstreamResponse } from '../../upstream/fetch.ts'
import { secondTry } from '../../upstream/second-try.ts'
import { endsWithBlankLine } from './tail.ts'

/** More of one message than this is not held back: what tells usage is a few hundred bytes. */
const LONGEST_HELD = 64 * 1024
/** Stands in the message that tells usage, and hardly in any other. */
const MARK = '[]'
/** What stands between messages, behind the line feed of the first one's last line: the line may end in another way. */
const BLANK_LINES = ['\n\n', '\n\r\n']
const NOTHING = Buffer.alloc(0)

/** Takes out of a passing stream of server-sent events what answers a question that the client did not ask. */
export class UsageStrip {
  readonly #isAnswer: UnaskedUsage['isAnswer']
  /** A message that is not whole yet. */
  #rest: Buffer = NOTHING
  #atBoundary = true

  constructor({ isAnswer }: Pick<UnaskedUsage, 'isAnswer'>) {
    this.#isAnswer = isAnswer
  }

  /** Whether what was given so far ends between two messages. */
  get atBoundary(): boolean {
    return this.#atBoundary
  }

  /** What of the stream may be given on now; may be empty. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.#rest.byteLength === 0 ? bufferOf(chunk) : Buffer.concat([this.#rest, chunk])
    const whole = endOfMessages(bytes)
    const end = bytes.byteLength - whole > LONGEST_HELD ? bytes.byteLength : whole
    this.#rest = bytes.subarray(end)
    if (end > 0) this.#atBoundary = end === whole
    return this.#strip(bytes.subarray(0, end))
  }

  /** What is left after the last byte. */
  end(): Uint8Array {
    const left = this.#rest
    this.#rest = NOTHING
    return this.#strip(left)
  }

  /** Looks at no other messages than may be one: in a short stream, reading each took a tenth of the time that it takes in all. */
  #strip(bytes: Buffer): Uint8Array {
    const kept: Buffer[] = []
    let given = 0
    let end = 0
    for (let mark = bytes.indexOf(MARK); mark !== -1; mark = bytes.indexOf(MARK, end)) {
      const start = end + endOfMessages(bytes.subarray(end, mark))
      end = endOfMessage(bytes, mark)
      if (!this.#isAnswer(dataOf(bytes.toString('utf8', start, end)))) continue
      kept.push(bytes.subarray(given, start))
      given = end
    }
    return given === 0 ? bytes : Buffer.concat([...kept, bytes.subarray(given)])
  }
}

/** Where the last of these messages ends that is whole; 0 where none is. */
function endOfMessages(bytes: Buffer): number {
  // Nearly every piece ends where a message does.
  if (endsWithBlankLine(bytes)) return bytes.byteLength
  return Math.max(0, ...BLANK_LINES.map((blank) => after(bytes.lastIndexOf(blank), blank)))
}

/** Where the message ends in the midst of which this is. */
function endOfMessage(bytes: Buffer, at: number): number {
  const ends = BLANK_LINES.map((blank) => after(bytes.indexOf(blank, at), blank)).filter((end) => end > 0)
  return Math.min(bytes.byteLength, ...ends)
}

function after(place: number, blank: string): number {
  return place === -1 ? 0 : place + blank.length
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function dataOf(message: string): string {
  return message
    .split(/\r?\n/)
    .flatMap((line) => (line.startsWith('data:') ? [line.slice('data:'.length)] : []))
    .join('\n')
}

/** Providers whose servers refuse the question. A new config is a new try. */
const refusing = new WeakSet<object>()

/** The fields that ask for usage, where the client does not ask for it and the provider is not known to refuse the question. */
export function usageQuestion(
  unasked: UnaskedUsage | undefined,
  provider: object,
  body: Record<string, unknown>,
): Record<string, unknown> | undefined {
  return unasked && !refusing.has(provider) ? unasked.ask(body) : undefined
}

/**
 * Sends a request with the question, and without where the provider refuses it for that: servers that know no
 * `stream_options` answer 400 or 422 and name it.
 *
 * @param send sends one of the two
 */
export async function askingUsage(
  provider: object,
  { asked, plain }: Record<'asked' | 'plain', Record<string, unknown>>,
  send: (body: Record<string, unknown>) => Promise<UpstreamResponse>,
): Promise<UpstreamResponse> {
  if (refusing.has(provider)) return await send(plain)
  const response = await send(asked)
  if (response.status !== 400 && response.status !== 422) return response
  return await secondTry(response, (said) => {
    if (!/stream_options|include_usage/.test(said)) return undefined
    refusing.add(provider)
    return send(plain)
  })
}
