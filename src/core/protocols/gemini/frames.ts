import { sseFrames } from '../../upstream/sse.ts'
import type { FrameDecoder } from '../../upstream/translator.ts'

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
    const lines = (open + more).split(/\r\n|\n|\r/)
    open = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '' && !/^(data|event|id|retry)?:/.test(line)) bare += `${line}\n`
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
