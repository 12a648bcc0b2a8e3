import { whenAborted } from '../async/abort.ts'
import { AnswerBuilder } from '../chat/index.ts'
import type { ChatAnswer, ChatEvent } from '../chat/index.ts'
import { eventsOf, isWhole, readAnswer } from '../exchange/answered.ts'
import type { Answered } from '../exchange/answered.ts'
import { exchangeFor } from '../exchange/exchange.ts'
import type { ExchangeContext } from '../exchange/exchange.ts'
import { newInfo } from '../exchange/info.ts'
import { ofProvider } from '../exchange/of-provider.ts'
import { settle, toChatError } from '../exchange/settle.ts'
import type { Reporter } from '../exchange/settle.ts'
import type { EventBatch, EventSource } from '../exchange/stream/source.ts'
import { SentEvents, tellsUsage, usageOfUnfinished } from '../exchange/stream/unfinished.ts'
import type { RequestInfo } from '../hooks.ts'
import { copy, readInput, refuseUnknownFields } from './input.ts'
import type { ChatInput } from './input.ts'

export interface CallOptions {
  /** Stops the request; the call then fails with the signal's reason. */
  signal?: AbortSignal | undefined
  /** As a client's over HTTP: a provider is sent the few that are part of its requests, such as `anthropic-beta`. */
  headers?: Headers | Record<string, string> | undefined
  /** Told once, when the answer begins, what is known of the request: who serves it, at which attempt. */
  onInfo?: ((info: Readonly<RequestInfo>) => void) | undefined
}

/** What byok itself may ask besides. */
export interface InnerOptions extends CallOptions {
  /** Told once, when the answer begins, who answers what. */
  onAnswered?(answered: Pick<Answered, 'chat' | 'translator'>): void
}

/** What these requests speak, to plugins and in records of usage. No provider does, so that nothing passes through. */
const PROTOCOL = 'in-process'

/** `byok.chat()` */
export async function chat(
  context: ExchangeContext,
  input: ChatInput,
  options: InnerOptions = {},
): Promise<ChatAnswer> {
  const info = newInfo('CALL', 'chat')
  try {
    return await ask(context, input, { stream: false, info, options }, async (answered) => {
      const { events } = await readAnswer(answered)
      const builder = new AnswerBuilder()
      for (const event of events) builder.push(event)
      begin(info, answered, options)
      settle(answered, info, 'ok')
      return builder.answer
    })
  } catch (error) {
    throw failure(context, error, info, options)
  }
}

/** `byok.stream()` */
export async function* stream(
  context: ExchangeContext,
  input: ChatInput,
  options: InnerOptions = {},
): AsyncGenerator<ChatEvent, void, undefined> {
  const info = newInfo('CALL', 'stream')
  let reporter: Reporter = context
  let stop = (_reason: unknown): void => {}
  let book = (): void => {}
  let unlink = (): void => {}
  const given = new SentEvents()
  const { signal } = options
  /** After an end of any kind this does nothing. */
  const leave = (reason: unknown): void => {
    if (!info.outcome) {
      stop(reason)
      book()
    }
    settle(reporter, info, 'aborted')
  }
  try {
    const { first, source } = await ask(context, input, { stream: true, info, options }, async (answered) => {
      const source = await sourceOf(answered)
      const first = await source.next()
      begin(info, answered, options)
      reporter = answered
      stop = answered.abort
      book = () => {
        info.usage = usageOfUnfinished(given.sent, info.usage, () => answered.estimateInput())
      }
      return { first, source }
    })
    // As whoever is told by `onInfo` may have done.
    signal?.throwIfAborted()
    // Whoever aborts may read no further, and never say so.
    if (signal) unlink = whenAborted(signal, () => leave(signal.reason))
    const next = () => ofProvider(info.provider, () => source.next())
    for (let batch = first; batch; batch = await next()) {
      for (const event of batch.events) given.note(event)
      yield* batch.events
    }
    if (!tellsUsage(info.usage)) book()
    settle(reporter, info, 'ok')
  } catch (error) {
    if (!info.outcome) {
      stop(error)
      book()
    }
    throw failure(reporter, error, info, options)
  } finally {
    unlink()
    // Who reads no further has gone away.
    leave(new DOMException('The answer is not read any further.', 'AbortError'))
  }
}

async function ask<Reply>(
  context: ExchangeContext,
  input: ChatInput,
  { stream: streams, info, options }: { stream: boolean; info: RequestInfo; options: CallOptions },
  reply: (answered: Answered) => Promise<Reply>,
): Promise<Reply> {
  info.protocol = PROTOCOL
  // Before hooks: what they add is for each other.
  refuseUnknownFields(input)
  // What hooks change is this copy, never what the program gave.
  const body: Record<string, unknown> = copy({ ...input })
  const protocol = { name: PROTOCOL, decode: (value: object) => readInput({ ...value }, streams) }
  const headers = new Headers(options.headers)
  const signal = options.signal ?? new AbortController().signal
  return await exchangeFor(context, { protocol, body, headers, signal, info }, reply)
}

/** The answer's events; of one that came in one piece, all at once. */
async function sourceOf(answered: Answered): Promise<EventSource> {
  if (!isWhole(answered)) return eventsOf(answered)
  const batches: EventBatch[] = [{ events: (await readAnswer(answered)).events, last: true }]
  return { next: async () => batches.pop() }
}

function begin(info: RequestInfo, answered: Answered, { onInfo, onAnswered }: InnerOptions): void {
  info.firstByteAt = Date.now()
  info.status = 200
  onInfo?.(info)
  onAnswered?.(answered)
}

/** What the caller gets thrown. */
export function failure(
  reporter: Reporter,
  error: unknown,
  info: RequestInfo,
  { signal }: Pick<CallOptions, 'signal'>,
): unknown {
  if (signal?.aborted) {
    settle(reporter, info, 'aborted')
    return signal.reason
  }
  const known = toChatError(error, reporter, info)
  info.status = known.status
  settle(reporter, info, 'error', known)
  return known
}
