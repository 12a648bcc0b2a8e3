import { isObject, parseObject } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import { BEGINNING, HeldEvents } from './held-events.ts'
import type { StreamPart } from './held-events.ts'

/** Events that tell the whole response; the last of them tells its end. */
const WHOLE =
  /^(?:event: ?response\.(?:created|queued|in_progress|completed|incomplete|failed)\b|data: ?\{"type": ?"response\.(?:created|queued|in_progress|completed|incomplete|failed)")/m
const END = new Set(['response.completed', 'response.incomplete', 'response.failed'])

export interface KeepOptions {
  /** Said of the response, over what the provider said. */
  also: JsonObject
  /** The response as it ended. */
  onEnd(response: JsonObject): Promise<void>
}

/** An answer of `POST /v1/responses`, of which the response is kept when it is whole. Deltas go on as they come. */
export async function keepResponse(answer: Response, options: KeepOptions): Promise<Response> {
  const { status, headers } = answer
  if (!/\bjson\b/.test(headers.get('content-type') ?? '')) {
    return new Response(answer.body?.pipeThrough(keepStream(options)) ?? null, { status, headers })
  }
  const body: unknown = await answer.json()
  if (!isObject(body)) return Response.json(body, { status })
  const response = { ...body, ...options.also }
  await options.onEnd(response)
  return Response.json(response, { status, headers: withoutLength(headers) })
}

function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers)
  kept.delete('content-length')
  return kept
}

function keepStream({ also, onEnd }: KeepOptions): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  const events = new HeldEvents((beginning) => WHOLE.test(beginning))

  const onEvent = async (event: string): Promise<string> => {
    if (!WHOLE.test(event.slice(0, BEGINNING))) return event
    const data = /^data: ?(.*)$/m.exec(event)?.[1]
    const parsed = data === undefined ? undefined : parseObject(data)
    if (!parsed || !isObject(parsed['response'])) return event
    const response = { ...parsed['response'], ...also }
    if (END.has(String(parsed['type']))) await onEnd(response)
    return event.replace(/^data: ?.*$/m, () => `data: ${JSON.stringify({ ...parsed, response })}`)
  }

  const give = async (parts: StreamPart[], controller: TransformStreamDefaultController<Uint8Array>): Promise<void> => {
    let told = ''
    for (const { text, whole } of parts) told += whole ? await onEvent(text) : text
    if (told !== '') controller.enqueue(encoder.encode(told))
  }

  return new TransformStream({
    transform: (chunk, controller) => give(events.push(decoder.decode(chunk, { stream: true })), controller),
    flush: (controller) => give([...events.push(decoder.decode()), ...events.end()], controller),
  })
}
