import { sseFrames } from '../../upstream/sse.ts'
import type { FrameDecoder } from '../../upstream/translator.ts'

/** How JSON begins that is no event. */
const BARE = /^\s*[{[]/

/**
 * Server-sent events, and the error that Google's servers put between them as bare JSON, without `data:`
 * (`throwIfStreamErrorChunk` in @google/genai looks for it).
 */
export function geminiFrames(): FrameDecoder {
  let bare = ''
  const events = sseFrames((line) => {
    if (bare !== '' || BARE.test(line)) bare += `${line}\n`
  })
  const take = () => {
    if (!isJson(bare)) return []
    const data = bare
    bare = ''
    return [{ data }]
  }
  return {
    push(bytes) {
      const frames = events.push(bytes)
      return bare === '' ? frames : [...frames, ...take()]
    },
    end() {
      const frames = events.end()
      return bare === '' ? frames : [...frames, ...take()]
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
