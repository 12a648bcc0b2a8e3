import type { UpstreamResponse } from '../../index.ts'
import { isObject, parseJson, randomHex, sseFrames } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/*
 * The ids of a response's items. Copilot gives an item another id in each event of a stream, of some 400 letters, by which AI SDK finds
 * nothing ("text part … not found"), and takes none of them back but over the connection that it gave it on: "input item ID does not belong
 * to this connection". It needs none: reasoning is whole with its encrypted content.
 *
 * Sources: BerriAI/litellm issue 30071 and pull request 30072, caozhiyuan/copilot-api pull request 72 (streams); anomalyco/opencode issue
 * 31236, NousResearch/hermes-agent pull request 62242, openclaw/openclaw pull request 72613 (what it takes back).
 */

/** OpenAI's prefixes. */
const PREFIXES: Record<string, string> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
}

/** A streamed answer in which each item has one id. */
export function withOneIdEach(response: UpstreamResponse): UpstreamResponse {
  const { status, headers, body } = response
  const streams = headers.get('content-type')?.startsWith('text/event-stream') === true
  if (!streams || !body) return response
  const frames = sseFrames()
  const ids = new Map<number, string>()
  const written = (data: string, event: string | undefined) =>
    Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`)
  const pass = (some: ReturnType<typeof frames.push>, to: TransformStreamDefaultController<Uint8Array>) => {
    for (const { event, data } of some) to.enqueue(written(withIds(data, ids), event))
  }
  const stream = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, to) => pass(frames.push(bytes), to),
      flush: (to) => pass(frames.end(), to),
    }),
  )
  return new Response(stream, { status, headers })
}

function withIds(data: string, ids: Map<number, string>): string {
  const event = parseJson(data)
  if (!isObject(event)) return data
  const { output_index: at, item, response } = event
  if (isObject(response) && Array.isArray(response['output'])) {
    const output = response['output'].map((one: unknown, index) => (isObject(one) ? withId(one, index, ids) : one))
    return JSON.stringify({ ...event, response: { ...response, output } })
  }
  if (typeof at !== 'number') return data
  if (isObject(item)) return JSON.stringify({ ...event, item: withId(item, at, ids) })
  const id = ids.get(at)
  return id === undefined ? data : JSON.stringify({ ...event, item_id: id })
}

function withId(item: JsonObject, at: number, ids: Map<number, string>): JsonObject {
  const prefix = PREFIXES[String(item['type'])]
  if (prefix === undefined) return item
  const id = ids.get(at) ?? `${prefix}_${randomHex()}`
  ids.set(at, id)
  return { ...item, id }
}
