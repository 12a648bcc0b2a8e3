import { randomUUID } from 'node:crypto'
import { ChatError } from '../chat/index.ts'
import { within } from '../waiting.ts'
import type { JsonObject } from '../json.ts'
import type { ResponseStore, StoredResponse } from './store.ts'

/** Between two looks at whether another process was asked to cancel a run of this one. */
const LOOK_MS = 1000

interface Run {
  abort: AbortController
  store: ResponseStore
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
    // Where what is kept cannot be reached, nobody can be told.
    const over = this.#run(store, id, queued, request, abort.signal, answer).catch(() => {})
    this.#running.set(id, { abort, store, over })
    if (this.#shared) this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref()
    return queued
  }

  async #run(
    store: ResponseStore,
    id: string,
    queued: JsonObject,
    { input, also }: { input: JsonObject[]; also: JsonObject },
    signal: AbortSignal,
    answer: (signal: AbortSignal) => Promise<JsonObject>,
  ): Promise<void> {
    const put = async (response: JsonObject) => {
      // One that was deleted or cancelled meanwhile stays so.
      const now = await store.get(id)
      if (now && now.response['status'] !== 'cancelled') await store.put({ response, input })
    }
    try {
      await put({ ...queued, status: 'in_progress' })
      const response = await answer(signal)
      if (!wasCancelled(signal)) await put({ ...response, ...also, id, background: true })
    } catch (error) {
      if (wasCancelled(signal)) return
      const known = error instanceof ChatError ? error : undefined
      const fault = { code: known?.code ?? known?.type ?? 'server_error', message: known?.message ?? 'byok failed.' }
      await put({ ...queued, status: 'failed', error: fault })
    } finally {
      this.#forget(id)
    }
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
    const elsewhere = this.#shared && UNDER_WAY.has(String(response['status']))
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
    const reason = new ChatError('byok was stopped before this response was complete. Create it again.', {
      status: 503,
      code: 'shutting_down',
    })
    for (const { abort } of this.#running.values()) abort.abort(reason)
    await this.#allOver()
  }

  async #allOver(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ over }) => over))
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

const UNDER_WAY = new Set(['queued', 'in_progress'])

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
