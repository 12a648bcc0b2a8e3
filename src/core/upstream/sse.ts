import { createParser } from 'eventsource-parser'
import { ChatError } from '../chat/index.ts'
import type { Frame, FrameDecoder } from './translator.ts'

/** The longest message, in UTF-16 units: an image of some megabytes may come in one. */
const MAX_MESSAGE = 64 * 1024 * 1024

/**
 * Server-sent events as frames. Comments and frames without data are left out; a byte-order mark, any of the three line
 * endings and UTF-8 split between chunks are understood.
 *
 * @param onOther Told each line that is neither a field of an event nor a comment.
 */
export function sseFrames(onOther?: (line: string) => void): FrameDecoder {
  const text = new TextDecoder()
  let frames: Frame[] = []
  const parser = createParser({
    maxBufferSize: MAX_MESSAGE,
    onEvent: ({ event, data }) => void frames.push({ event, data }),
    onError: ({ type, line }) => {
      if (type === 'unknown-field') onOther?.(line ?? '')
      if (type !== 'max-buffer-size-exceeded') return
      throw new ChatError('The provider sent a stream message that is too long to read.', {
        status: 502,
        code: 'upstream_bad_answer',
      })
    },
  })
  const take = (): Frame[] => {
    const taken = frames
    frames = []
    return taken
  }
  return {
    push(bytes) {
      parser.feed(text.decode(bytes, { stream: true }))
      return take()
    },
    end() {
      // Some servers close right after the last line, without the blank one that ends a message.
      parser.feed(`${text.decode()}\n\n`)
      return take()
    },
  }
}
