import { parseJson } from '../json.ts'
import { sseFrames } from './sse.ts'
import type { Frame, FrameDecoder } from './translator.ts'

/** How JSON begins that is no event. */
const BARE = /^\s*[{[]/

/**
 * Server-sent events, and JSON that stands in their place or between them, without `data:`. So Google's servers put errors
 * (`throwIfStreamErrorChunk` in @google/genai looks for it), and so come whole answers and errors that are called a stream, plain text or
 * nothing (EricLBuehler/mistral.rs issue 79, decolua/9router issue 3492).
 */
export function answerFrames(): FrameDecoder {
  let bare = ''
  const events = sseFrames((line) => {
    if (bare !== '' || BARE.test(line)) bare += `${line}\n`
  })
  const take = (): Frame[] => {
    if (parseJson(bare) === undefined) return []
    const data = bare
    bare = ''
    return [{ data, bare: true }]
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
