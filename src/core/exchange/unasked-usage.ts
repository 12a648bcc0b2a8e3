import type { UnaskedUsage } from '../protocols/protocol.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'
import { secondTry } from '../upstream/second-try.ts'

/** More of one message than this is not held back: what tells usage is a few hundred bytes. */
const LONGEST_HELD = 64 * 1024
/** Stands in the message that tells usage, and hardly in any other. */
const MARK = '[]'
const LF = 10
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

  #strip(bytes: Buffer): Uint8Array {
    if (!bytes.includes(MARK)) return bytes
    const messages = bytes.toString('utf8').split(/(?<=\n\r?\n)/)
    const kept = messages.filter((message) => !this.#isAnswer(dataOf(message)))
    return kept.length === messages.length ? bytes : Buffer.from(kept.join(''))
  }
}

function endOfMessages(bytes: Buffer): number {
  // Nearly every piece ends where a message does.
  if (bytes.at(-1) === LF && bytes.at(-2) === LF) return bytes.byteLength
  const [lf, crlf] = [bytes.lastIndexOf('\n\n'), bytes.lastIndexOf('\r\n\r\n')]
  return Math.max(lf === -1 ? 0 : lf + 2, crlf === -1 ? 0 : crlf + 4)
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

/**
 * The body of a request that passes through, with the question for usage where the client does not ask it and the provider is
 * not known to refuse it.
 */
export function withUsageAsked(
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
