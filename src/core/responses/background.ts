import { randomUUID } from 'node:crypto'
import { ChatError } from '../chat/index.ts'
import type { Json, ResponseStore, StoredResponse } from './store.ts'

/** Answers that are fetched while the client does something else (`background: true`). */
export class BackgroundRuns {
  readonly #running = new Map<string, AbortController>()
  /** Begins one; resolves with the response as it is now, `queued`. `answer` is called once, and gives the response it became. */
  async start(
    store: ResponseStore,
    request: { body: Json; input: Json[]; also: Json },
    answer: (signal: AbortSignal) => Promise<Json>,
  ): Promise<Json> {
    const id = `resp_${randomUUID().replaceAll('-', '')}`
    const queued = { ...skeleton(id, request.body), ...request.also }
    await store.put({ response: queued, input: request.input })
    const abort = new AbortController()
    this.#running.set(id, abort)
    void this.#run(store, id, queued, request, abort.signal, answer)
    return queued
  }

  async #run(
    store: ResponseStore,
    id: string,
    queued: Json,
    { input, also }: { input: Json[]; also: Json },
    signal: AbortSignal,
    answer: (signal: AbortSignal) => Promise<Json>,
  ): Promise<void> {
    const put = async (response: Json) => {
      // One that was deleted meanwhile stays so.
      if (await store.get(id)) await store.put({ response, input })
    }
    try {
      await put({ ...queued, status: 'in_progress' })
      const response = await answer(signal)
      if (!signal.aborted) await put({ ...response, ...also, id, background: true })
    } catch (error) {
      if (signal.aborted) return
      const known = error instanceof ChatError ? error : undefined
      const fault = { code: known?.code ?? known?.type ?? 'server_error', message: known?.message ?? 'byok failed.' }
      await put({ ...queued, status: 'failed', error: fault })
    } finally {
      this.#running.delete(id)
    }
  }

  /**
   * Stops one; a second call changes nothing.
   * @throws {ChatError} 400 where it never ran in the background.
   */
  async cancel(store: ResponseStore, { response, input }: StoredResponse): Promise<Json> {
    const id = String(response['id'])
    if (response['background'] !== true) {
      throw new ChatError('Cannot cancel a synchronous response.', { status: 400 })
    }
    const running = this.#running.get(id)
    if (!running) return response
    this.#running.delete(id)
    running.abort()
    const cancelled = { ...response, status: 'cancelled' }
    await store.put({ response: cancelled, input })
    return cancelled
  }

  close(): void {
    for (const abort of this.#running.values()) abort.abort()
    this.#running.clear()
  }
}

function skeleton(id: string, { model, instructions, metadata, tools }: Json): Json {
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
