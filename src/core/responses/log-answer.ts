import { ChatError } from '../chat/index.ts'
import { isObject, parseObject } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import { sseFrames } from '../frames/sse.ts'
import type { EventLog } from './event-log.ts'

/** Told already, in byok's own words: the run began before its provider was asked. */
const BEGINNING = /^response\.(?:created|queued|in_progress)$/
const END = /^response\.(?:completed|incomplete|failed)$/

/**
 * Adds the events of a streamed answer to the log of the run it is for, up to its end.
 *
 * @returns the response as it ended, which is for the run to tell
 */
export async function logAnswer({ body }: Response, log: EventLog): Promise<JsonObject> {
  const frames = sseFrames()
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = body?.getReader()
  let ended: JsonObject | undefined
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    for (const { data } of done ? frames.end() : frames.push(value)) {
      const { type, ...fields } = parseObject(data) ?? {}
      if (ended || typeof type !== 'string' || BEGINNING.test(type)) continue
      if (!END.test(type)) log.add(type, fields)
      else if (isObject(fields['response'])) ended = fields['response']
    }
    if (!done) continue
    if (ended) return ended
    throw new ChatError('The answer broke off before its end.', { status: 502, code: 'upstream_stream_cut' })
  }
}
