import type { Usage } from '../../chat/index.ts'
import type { StreamTail } from '../protocol.ts'
import { isObject, parseJson } from './json.ts'
import type { JsonObject } from './json.ts'
import { readUsage } from './usage.ts'

const STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n'

/**
 * Tells whether a stream of messages ended as it should: with `message_stop`, or with an error event of the provider's own. Where
 * only that last word is missing after the stop reason, it is supplied.
 *
 * @param text The last bytes of the stream; its first line may be cut.
 */
export function inspectTail(text: string): StreamTail {
  const events = text
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => parseJson(line.slice('data:'.length)))
    .filter(isObject)
  const end = events.findLast(({ type }) => type !== 'ping')
  const usage = lastUsage(events)
  const found = usage ? { usage } : {}
  const closed = /\n\r?\n$/.test(text)
  if (end?.['type'] === 'message_stop' || end?.['type'] === 'error') {
    return { complete: true, append: closed ? '' : '\n\n', ...found }
  }
  const delta = end?.['type'] === 'message_delta' ? end['delta'] : undefined
  if (isObject(delta) && typeof delta['stop_reason'] === 'string') {
    return { complete: true, append: closed ? STOP : `\n\n${STOP}`, ...found }
  }
  return { complete: false, append: '', ...found }
}

/** Counts in `message_delta` are for the whole message; a server that leaves the input out there does not tell it. */
function lastUsage(events: JsonObject[]): Usage | undefined {
  const last = events.findLast(({ type }) => type === 'message_delta')?.['usage']
  return isObject(last) && typeof last['input_tokens'] === 'number' ? readUsage(last) : undefined
}
