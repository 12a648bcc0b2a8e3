import { isObject, parseObject } from '../json.ts'
import { readUsage } from '../openai-responses/usage.ts'
import type { StreamTail } from '../protocol.ts'

/** An object with objects in it, but none in those: `Usage` of `ImageGenCompletedEvent` (openai-node src/resources/images.ts). */
const USAGE = /"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})/

/**
 * Tells whether a stream of images ended with an image that is done. Of a message with an image in it, only the end is there: that of an image
 * that is not done yet counts it (`partial_image_index` of `ImageGenPartialImageEvent`), and the last one tells usage.
 */
export function inspectTail(tail: string): StreamTail {
  const lines = tail.split(/\r\n|\r|\n/).filter((line) => line !== '' && !line.startsWith('event:'))
  const ended = isDone(lines.at(-1))
  if (ended) lines.pop()
  const last = lines.at(-1) ?? ''
  if (last.startsWith('data:') && isObject(parseObject(last.slice('data:'.length))?.['error'])) {
    return { complete: true, failed: true, ended: true, append: '' }
  }
  const complete = last.trimEnd().endsWith('}') && !last.includes('"partial_image_index"')
  const usage = complete ? readUsage(parseObject(USAGE.exec(last)?.[1] ?? '')) : undefined
  return { complete, append: '', ...(ended && { ended }), ...(usage && { usage }) }
}

/** OpenAI's last word in other streams, which servers that follow it may say here. */
function isDone(line: string | undefined): boolean {
  return line !== undefined && /^data:\s*\[DONE\]/.test(line)
}
