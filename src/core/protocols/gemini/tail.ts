import type { Usage } from '../../chat/index.ts'
import type { StreamTail } from '../protocol.ts'
import { isObject, objectAt, objects, parseObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { readUsage } from './usage.ts'

/** An error that Google's servers put after the events as it stands, without `data:`. */
const BARE_ERROR = /^\{\s*"error"\s*:\s*\{[^]*\}\s*$/m

/**
 * Tells whether a stream of Gemini's ended as it should: with a finish reason, a refused prompt, or an error the provider told
 * itself. There is no closing message.
 *
 * @param tail The last bytes of the stream; its first line may be cut, and be all there is where the last message is long.
 */
export function inspectTail(tail: string): StreamTail {
  let failed = BARE_ERROR.test(tail)
  let complete = failed
  let usage: Usage | undefined
  const finish: string[] = []
  for (const line of tail.split(/\r\n|\r|\n/)) {
    const message = line.startsWith('data:') ? parseObject(line.slice('data:'.length)) : undefined
    if (!message) {
      // Of a message too long for the tail the end is still there.
      const [, reason] = /"finishReason"\s*:\s*"([A-Z_]+)"/.exec(line) ?? []
      if (reason !== undefined) finish.push(reason)
      usage = readUsage(usageWithin(line)) ?? usage
      continue
    }
    if (isObject(message['error'])) failed = true
    if (failed || isRefused(message)) complete = true
    finish.push(...objects(message['candidates']).flatMap(({ finishReason }) => text(finishReason) ?? []))
    usage = readUsage(message['usageMetadata']) ?? usage
  }
  const finished = finish.length > 0
  const found = { ...(failed && { failed }), ...(usage && { usage }), ...(finished && { finish }) }
  return { complete: complete || finished, append: '', ...found }
}

function isRefused(message: JsonObject): boolean {
  const feedback = message['promptFeedback']
  return isObject(feedback) && text(feedback['blockReason']) !== undefined
}

/** The `usageMetadata` of a message whose beginning is cut off. It holds numbers and words, no text of the answer. */
function usageWithin(line: string): unknown {
  const name = line.lastIndexOf('"usageMetadata"')
  const start = name === -1 ? -1 : line.indexOf('{', name)
  return start === -1 ? undefined : objectAt(line, start)
}
