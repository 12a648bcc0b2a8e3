import { objectAt } from '../json.ts'
import type { StreamTail } from '../protocol.ts'
import { readUsage } from './usage.ts'

const END = /^(?:event: ?|data: ?\{"type": ?")(?:response\.(?:completed|incomplete|failed|cancelled)|error)\b/m
const FAILED = /^(?:event: ?|data: ?\{"type": ?")(?:response\.(?:failed|cancelled)|error)\b/m

/**
 * Tells whether a stream of this format ended as it should: with one of the events that close a response, or an error
 * event. That event repeats the whole response and may be longer than what is kept of the stream; then its `usage`, which
 * stands behind the output and is `null` in all events before, gives it away.
 *
 * @param text The last bytes of the stream; its first line may be cut.
 */
export function inspectTail(text: string): StreamTail {
  const usage = usageOf(text)
  const whole = /\}\r?\n?\s*$/.test(text)
  const complete = whole && (END.test(text) || usage !== undefined)
  const closed = /\n\r?\n$/.test(text)
  const failed = complete && FAILED.test(text)
  return {
    complete,
    append: complete && !closed ? '\n\n' : '',
    ...(complete && closed && { ended: true }),
    ...(failed && { failed }),
    ...(usage && { usage }),
  }
}

function usageOf(text: string): StreamTail['usage'] {
  const at = text.lastIndexOf('"usage":{')
  if (at === -1) return undefined
  const object = objectAt(text, at + '"usage":'.length)
  return object && readUsage(object)
}
