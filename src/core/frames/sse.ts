import { StringDecoder } from 'node:string_decoder'
import { createParser } from 'eventsource-parser'
import { ChatError } from '../chat/index.ts'
import type { Frame, FrameDecoder } from '../translator/translator.ts'

const BYTE_ORDER_MARK = '\uFEFF'
/** The longest message, in UTF-16 units: an image of some megabytes may come in one. */
export const MAX_MESSAGE = 64 * 1024 * 1024

export function tooLong(): ChatError {
  return new ChatError('The provider sent a stream message that is too long to read.', {
    status: 502,
    code: 'upstream_bad_answer',
  })
}

/**
 * Server-sent events as frames. Comments and frames without data, by which some servers keep a connection alive, are left out, as the
 * standard wants (Growth-Circle/cadis issue 2329, openai/openai-python pull request 2721); a byte-order mark, any of the three line endings
 * and UTF-8 split between chunks are understood.
 *
 * @param onOther Told each line that is neither a field of an event nor a comment.
 */
export function sseFrames(onOther?: (line: string) => void): FrameDecoder {
  // On ASCII, which most pieces are, several times as fast as a streaming TextDecoder.
  const text = new StringDecoder('utf8')
  let begun = false
  let frames: Frame[] = []
  const parser = createParser({
    maxBufferSize: MAX_MESSAGE,
    onEvent({ event, data }) {
      if (data !== '') frames.push({ event, data })
    },
    onError: ({ type, line }) => {
      if (type === 'unknown-field') onOther?.(line ?? '')
      if (type === 'max-buffer-size-exceeded') throw tooLong()
    },
  })
  const feed = (words: string): Frame[] => {
    if (words === '') return []
    const first = !begun
    begun = true
    parser.feed(first && words.startsWith(BYTE_ORDER_MARK) ? words.slice(1) : words)
    const taken = frames
    frames = []
    return taken
  }
  return {
    push: (bytes) => feed(text.write(bytes)),
    // Some servers close right after the last line, without the blank one that ends a message.
    end: () => feed(`${text.end()}\n\n`),
  }
}
