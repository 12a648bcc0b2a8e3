import { randomUUID } from 'node:crypto'
import { ChatError } from '../chat/index.ts'
import { ShuttingDown } from '../exchange/shutting-down.ts'
import { LATE, within } from '../waiting.ts'
import type { JsonObject } from '../json.ts'
import { isUnderWay } from './store.ts'
import type { ResponseStore, StoredResponse } from './store.ts'

/** Between two looks at whether another process was asked to cancel a run of this one. */
const LOOK_MS = 1000

/** Milliseconds that a run may take to end once it was told to; one that waits for a login's refresh hears of it late. */
const LEAVE_MS = 1000

interface Run {
  abort: AbortController
  store: ResponseStore
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

  /** Begins one; resolves with the response as it is now, `queued`. `answer` is called once, and gives the response it became. */
  async start(
    store: ResponseStore,
    request: { body: JsonObject; input: JsonObject[]; also: JsonObject },
    answer: (signal: AbortSignal) => Promise<JsonObject>,
  ): Promise<JsonObject> {
    const id = `resp_${randomUUID().replaceAll('-', '')}`
    const queued = { ...skeleton(id, request.body), ...request.also }
    await store.put({ response: queued, input: request.input })
    const abort = new AbortController()
    const put = async (response: JsonObject) => {
      // One that was deleted or cancelled meanwhile stays so.
      const now = await store.get(id)
      if (now && now.response['status'] !== 'cancelled') await store.put({ response, input: request.input })
    }
    const fail = (error: unknown) => put({ ...queued, status: 'failed', error: errorOf(error) })
    const work = async () => {
      await put({ ...queued, status: 'in_progress' })
      const response = await answer(abort.signal)
      if (!wasCancelled(abort.signal)) await put({ ...response, ...request.also, id, background: true })
    }
    const over = work()
      .catch((error: unknown) => (wasCancelled(abort.signal) ? undefined : fail(error)))
      // Where what is kept cannot be reached, nobody can be told.
      .catch(() => {})
      .finally(() => this.#forget(id))
    this.#running.set(id, { abort, store, fail, over })
    if (this.#shared) this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref()
    return queued
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

  /** Stops what another process was asked to cancel or delete. */
  async #look(): Promise<void> {
    for (const [id, { abort, store }] of this.#running) {
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
