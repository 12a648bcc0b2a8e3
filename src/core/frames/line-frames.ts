import { StringDecoder } from 'node:string_decoder'
import { MAX_MESSAGE, tooLong } from './sse.ts'
import type { Frame, FrameDecoder } from '../translator/translator.ts'

/**
 * Lines as frames, each without what ends it: JSON lines (`application/x-ndjson`), such as Ollama's own API streams, or what a program
 * writes. Empty lines are left out.
 */
export function lineFrames(): FrameDecoder {
  const text = new StringDecoder('utf8')
  /** The line that has not ended. */
  let open = ''

  function cut(words: string): Frame[] {
    const lines = words.split('\n')
    lines[0] = open + lines[0]
    open = lines.pop() ?? ''
    if (open.length > MAX_MESSAGE) throw tooLong()
    return lines
      .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
      .filter((line) => line.trim() !== '')
      .map((data) => ({ data }))
  }

  return {
    push: (bytes) => cut(text.write(bytes)),
    // The last line need not end.
    end: () => cut(`${text.end()}\n`),
  }
}
