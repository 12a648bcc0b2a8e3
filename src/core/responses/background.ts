import { ChatError, invalidRequest } from '../chat/index.ts'
import { ShuttingDown } from '../exchange/shutting-down.ts'
import { LATE, within } from '../async/waiting.ts'
import type { JsonObject } from '../json/json.ts'
import { EventLog } from './event-log.ts'
import { storedEvents } from './event-stream.ts'
import { isUnderWay } from './store.ts'
import type { ResponseStore, StoredResponse } from './store.ts'
import { randomHex } from '../text/random-hex.ts'

/** Between two looks at whether another process was asked to cancel a run of this one. */
const LOOK_MS = 1000

/** Milliseconds that a run may take to end once it was told to; one that waits for a login's refresh hears of it late. */
const LEAVE_MS = 1000

interface Run {
  abort: AbortController
  store: ResponseStore
  log: EventLog | undefined
  /** Stores that it failed. */
  fail(error: unknown): Promise<void>
  /** Resolves once its end is stored. */
  over: Promise<void>
}

/** Answers that are fetched while the client does something else (`background: true`). */
export class BackgroundRuns {
  readonly #running = new Map<string, Run>()
  readonly #shared: boolean
  #timer: NodeJS.Timeout | undefined

  /** @param shared whether other processes answer for the same responses */
  constructor({ shared }: { shared: boolean }) {
    this.#shared = shared
  }

  /**
   * Begins one; resolves with the response as it is now, `queued`. `answer` is called once, and gives the response it became.
   *
   * @param streams Whether its events are told too: `answer` gets the log to add them to, all but those of its beginning and its end.
   */
  async start(
    store: ResponseStore,
    request: { body: JsonObject; input: JsonObject[]; also: JsonObject; streams?: boolean },
    answer: (signal: AbortSignal, log: EventLog | undefined) => Promise<JsonObject>,
  ): Promise<JsonObject> {
    const id = `resp_${randomHex()}`
    const queued = { ...skeleton(id, request.body), ...request.also }
    await store.put({ response: queued, input: request.input })
    const abort = new AbortController()
    const log = request.streams ? new EventLog(store, id) : undefined
    for (const type of ['response.created', 'response.queued']) log?.add(type, { response: queued })
    // Whoever asks another process for them finds out by these that there is a stream.
    if (this.#shared) await log?.keep()
    const put = async (response: JsonObject) => {
      // One that was deleted or cancelled meanwhile stays so.
      const now = await store.get(id)
      const isWanted = now && now.response['status'] !== 'cancelled' && !wasCancelled(abort.signal)
      if (isWanted) await store.put({ response, input: request.input })
    }
    const end = async (response: JsonObject) => {
      if (log) await log.end(`response.${String(response['status'])}`, { response }, () => put(response))
      else await put(response)
    }
    const fail = (error: unknown) => end({ ...queued, status: 'failed', error: errorOf(error) })
    const work = async () => {
      const begun = { ...queued, status: 'in_progress' }
      await put(begun)
      log?.add('response.in_progress', { response: begun })
      const response = await answer(abort.signal, log)
      if (!wasCancelled(abort.signal)) await end({ ...response, ...request.also, id, background: true })
    }
    const over = work()
      .catch((error: unknown) => (wasCancelled(abort.signal) ? undefined : fail(error)))
      // Where what is kept cannot be reached, nobody can be told.
      .catch(() => {})
      .finally(() => {
        this.#forget(id)
        log?.stop()
      })
    this.#running.set(id, { abort, store, log, fail, over })
    if (this.#shared) this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref()
    return queued
  }

  /**
   * The events of one, and those that come.
   *
   * @param next the place in the stream of the first that is wanted
   * @throws {ChatError} 400 where it was not made with a stream
   */
  async events(
    store: ResponseStore,
    id: string,
    next: number,
  ): Promise<(gone: AbortSignal) => AsyncGenerator<string, void, undefined>> {
    const { log } = this.#running.get(id) ?? {}
    if (log) return () => log.from(next)
    if (await store.events(id, 0)) return (gone) => storedEvents(store, id, { next, gone })
    // "You can only start a new stream from a background response if you created it with `stream=true`" (OpenAI's guide).
    throw invalidRequest(
      'Only a response that was created with both `background` and `stream` can be streamed again. Ask for this one without `stream`.',
      'stream',
    )
  }

  /**
   * Stops one; a second call changes nothing.
   * @throws {ChatError} 400 where it never ran in the background.
   */
  async cancel(store: ResponseStore, { response, input }: StoredResponse): Promise<JsonObject> {
    const id = String(response['id'])
    if (response['background'] !== true) {
      throw new ChatError('Cannot cancel a synchronous response.', { status: 400 })
    }
    const running = this.#running.get(id)
    const elsewhere = this.#shared && isUnderWay(response)
    if (!running && !elsewhere) return response
    this.#forget(id)
    running?.abort.abort()
    const cancelled = { ...response, status: 'cancelled' }
    await store.put({ response: cancelled, input })
    return cancelled
  }

  /** Lets those that run end for so many milliseconds; the others have failed. */
  async stop(timeout: number): Promise<void> {
    await within(this.#allOver(), timeout)
    await this.close()
  }

  /** Those that still run have failed. Resolves once that is stored. */
  async close(): Promise<void> {
    const reason = new ShuttingDown('byok was stopped before this response was complete. Create it again.')
    for (const { abort } of this.#running.values()) abort.abort(reason)
    if ((await within(this.#allOver(), LEAVE_MS)) !== LATE) return
    await Promise.allSettled([...this.#running.values()].map(({ fail }) => fail(reason)))
  }

  /** Those that begin meanwhile included. */
  async #allOver(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map(({ over }) => over))
  }

  #forget(id: string): void {
    this.#running.delete(id)
    if (this.#running.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Stops what another process was asked to cancel or delete; lets others have the events that came since. */
  async #look(): Promise<void> {
    for (const [id, { abort, store, log }] of this.#running) {
      await log?.keep()
      const stored = await store.get(id).catch(() => null)
      // Where that cannot be told, it goes on.
      if (stored === null || (stored && stored.response['status'] !== 'cancelled')) continue
      this.#forget(id)
      abort.abort()
    }
  }
}

/** Whether a client wants it no more: then its end is no news. */
function wasCancelled({ aborted, reason }: AbortSignal): boolean {
  return aborted && !(reason instanceof ChatError)
}

function errorOf(error: unknown): JsonObject {
  const known = error instanceof ChatError ? error : undefined
  return { code: known?.code ?? known?.type ?? 'server_error', message: known?.message ?? 'byok failed.' }
}

/** A response that has not begun. */
export function skeleton(id: string, { model, instructions, metadata, tools }: JsonObject): JsonObject {
  return {
    id,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'queued',
    background: true,
    error: null,
    incomplete_details: null,
    instructions: instructions ?? null,
    metadata: metadata ?? {},
    model,
    output: [],
    parallel_tool_calls: true,
    store: true,
    tool_choice: 'auto',
    tools: tools ?? [],
    usage: null,
  }
}
