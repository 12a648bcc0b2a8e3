import { isObject, parseObject } from '../json.ts'
import { readUsage } from '../openai-responses/usage.ts'
import type { StreamTail } from '../protocol.ts'

/** An object with objects in it, but none in those: `Usage` of `ImageGenCompletedEvent` (openai-node src/resources/images.ts). */
const USAGE = /"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})/
/** `ImageGenPartialImageEvent` there, in which either may stand before the image. */
const PARTIAL = /"partial_image_index"|\.partial_image"/
/** What stands between messages, as it is where the text ends in the midst of none. */
const CLOSED = /(?:\r?\n|\r(?!\n)){2}$/

/**
 * Tells whether a stream of images ended with an image that is done. Of a message with an image in it, only the end is there: that of an image
 * that is not done yet counts it (`partial_image_index` of `ImageGenPartialImageEvent`), and the last one tells usage.
 */
export function inspectTail(tail: string): StreamTail {
  const [cut = '', ...whole] = tail.split(/\r\n|\r|\n/)
  // Comments, and the names of events, stand in lines of their own; the text may begin in the midst of a message.
  const lines = [
    ...(/^(?:event|id|retry)?:/.test(cut) ? [] : [cut]),
    ...whole.filter((line) => line.startsWith('data:')),
  ]
  const ended = isDone(lines.at(-1))
  if (ended) lines.pop()
  const last = lines.at(-1) ?? ''
  if (last.startsWith('data:') && isObject(parseObject(last.slice('data:'.length))?.['error'])) {
    return { complete: true, failed: true, ended: true, append: '' }
  }
  const complete = endsObject(last) && !PARTIAL.test(last)
  const usage = complete ? readUsage(parseObject(USAGE.exec(last)?.[1] ?? '')) : undefined
  // Clients read no message before the blank line behind it.
  const append = complete && !CLOSED.test(tail) ? '\n\n' : ''
  return { complete, append, ...(ended && { ended }), ...(usage && { usage }) }
}

/** Whether the object that a message is ends there, not one in it. */
function endsObject(line: string): boolean {
  if (line.startsWith('data:')) return parseObject(line.slice('data:'.length)) !== undefined
  // Of base64 and counts, no text has a brace.
  let depth = 0
  for (const sign of line) {
    if (sign === '{') depth++
    else if (sign === '}') depth--
  }
  return depth < 0 && line.trimEnd().endsWith('}')
}

/** OpenAI's last word in other streams, which servers that follow it may say here. */
function isDone(line: string | undefined): boolean {
  return line !== undefined && /^data:\s*\[DONE\]/.test(line)
}
