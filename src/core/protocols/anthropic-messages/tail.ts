import type { Usage } from '../../chat/index.ts'
import type { StreamTail } from '../protocol.ts'
import { isObject, parseJson } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { readUsage } from './usage.ts'

const STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n'

/**
 * Tells whether a stream of messages ended as it should: with `message_stop`, or with an error event of the provider's own. Where
 * only that last word is missing after the stop reason, it is supplied.
 *
 * @param text The last bytes of the stream; its first line may be cut.
 * @param begun What `message_start` told of usage.
 */
export function inspectTail(text: string, begun?: Usage): StreamTail {
  const { end, delta } = lastEvents(text)
  const usage = lastUsage(delta, begun)
  const finish = stopReason(delta)
  const found = { ...(usage && { usage }), ...(finish !== undefined && { finish: [finish] }) }
  const closed = /\n\r?\n$/.test(text)
  const failed = end?.['type'] === 'error'
  if (failed || end?.['type'] === 'message_stop') {
    return { complete: true, ended: true, append: closed ? '' : '\n\n', ...(failed && { failed }), ...found }
  }
  if (end?.['type'] === 'message_delta' && finish !== undefined) {
    return { complete: true, append: closed ? STOP : `\n\n${STOP}`, ...found }
  }
  return { complete: false, append: '', ...found }
}

/** The last event that is more than a sign of life, and the last `message_delta`; most of what comes before need not be read. */
function lastEvents(text: string): { end: JsonObject | undefined; delta: JsonObject | undefined } {
  let end: JsonObject | undefined
  for (const line of text.split(/\r\n|\r|\n/).toReversed()) {
    if (!line.startsWith('data:')) continue
    const event = parseJson(line.slice('data:'.length))
    if (!isObject(event)) continue
    if (event['type'] !== 'ping') end ??= event
    if (event['type'] === 'message_delta') return { end, delta: event }
  }
  return { end, delta: undefined }
}

function stopReason(event: JsonObject | undefined): string | undefined {
  const delta = event?.['delta']
  return isObject(delta) && typeof delta['stop_reason'] === 'string' ? delta['stop_reason'] : undefined
}

/** Counts in `message_delta` are for the whole message; the input that it leaves out is that of `message_start`. */
function lastUsage(delta: JsonObject | undefined, begun: Usage | undefined): Usage | undefined {
  const last = delta?.['usage']
  const usage = readUsage(last)
  if (!usage || (isObject(last) && typeof last['input_tokens'] === 'number')) return usage ?? begun
  return (
    begun && { ...begun, output: usage.output, ...(usage.reasoning !== undefined && { reasoning: usage.reasoning }) }
  )
}
