import { sseFrames } from '../../upstream/sse.ts'
import type { FrameDecoder } from '../../upstream/translator.ts'

/** A line of server-sent events. */
const FIELD = /^(data|event|id|retry)?:/
const LONGEST_FIELD = 'event:'.length
/** Where JSON may begin that is no event. Nearly no bytes hold it, and looking for it is cheaper than at each line. */
const BARE = /(?:^|[\r\n])\s*[{[]/

/**
 * Server-sent events, and the error that Google's servers put between them as bare JSON, without `data:`
 * (`throwIfStreamErrorChunk` in @google/genai looks for it).
 */
export function geminiFrames(): FrameDecoder {
  const events = sseFrames()
  const text = new TextDecoder()
  /** The line that is not at its end. */
  let open = ''
  let bare = ''

  const look = (more: string) => {
    const words = open + more
    if (bare === '' && !BARE.test(words)) {
      open = words.slice(1 + Math.max(words.lastIndexOf('\n'), words.lastIndexOf('\r')))
      // An image may come as one line of megabytes: how it begins tells what it is.
      if (FIELD.test(open)) open = open.slice(0, LONGEST_FIELD)
      return
    }
    const lines = words.split(/\r\n|\n|\r/)
    open = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '' && !FIELD.test(line)) bare += `${line}\n`
  }
  const take = () => {
    if (bare === '' || !isJson(bare)) return []
    const data = bare
    bare = ''
    return [{ data }]
  }
  return {
    push(bytes) {
      const frames = events.push(bytes)
      look(text.decode(bytes, { stream: true }))
      return [...frames, ...take()]
    },
    end() {
      const frames = events.end()
      look(`${text.decode()}\n`)
      return [...frames, ...take()]
    },
  }
}

function isJson(words: string): boolean {
  try {
    JSON.parse(words)
    return true
  } catch {
    return false
  }
}
