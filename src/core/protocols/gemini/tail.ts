import type { Usage } from '../../chat/index.ts'
import type { StreamTail } from '../protocol.ts'
import { isObject, objects, parseObject, text } from '../json.ts'
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
  for (const line of tail.split(/\r\n|\r|\n/)) {
    const message = line.startsWith('data:') ? parseObject(line.slice('data:'.length)) : undefined
    if (!message) {
      // Of a message too long for the tail the end is still there.
      if (/"finishReason"\s*:\s*"[A-Z_]+"/.test(line)) complete = true
      usage = readUsage(usageWithin(line)) ?? usage
      continue
    }
    if (isObject(message['error'])) failed = true
    if (failed || isEnd(message)) complete = true
    usage = readUsage(message['usageMetadata']) ?? usage
  }
  return { complete, append: '', ...(failed && { failed }), ...(usage && { usage }) }
}

function isEnd(message: JsonObject): boolean {
  const feedback = message['promptFeedback']
  if (isObject(feedback) && text(feedback['blockReason']) !== undefined) return true
  return objects(message['candidates']).some(({ finishReason }) => text(finishReason) !== undefined)
}

/** The `usageMetadata` of a message whose beginning is cut off. It holds numbers and words, no text of the answer. */
function usageWithin(line: string): unknown {
  const name = line.lastIndexOf('"usageMetadata"')
  const start = name === -1 ? -1 : line.indexOf('{', name)
  if (start === -1) return undefined
  let depth = 0
  for (let at = start; at < line.length; at++) {
    if (line[at] === '{') depth++
    else if (line[at] === '}' && --depth === 0) return parseObject(line.slice(start, at + 1))
  }
  return undefined
}
