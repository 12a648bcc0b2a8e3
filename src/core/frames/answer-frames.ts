import { parseJson } from '../json/json.ts'
import { MAX_MESSAGE, sseFrames, tooLong } from './sse.ts'
import type { Frame, FrameDecoder } from '../translator/translator.ts'

/** How JSON begins that is no event. */
const BARE = /^\s*[{[]/

/** Longer than any error, in UTF-16 units: whether what comes is whole is looked at piece by piece no further than that. */
const MOST_WATCHED = 64 * 1024

/**
 * Server-sent events, and JSON that stands in their place or between them, without `data:`. So Google's servers put errors
 * (`throwIfStreamErrorChunk` in @google/genai looks for it), and so come whole answers and errors that are called a stream, plain text or
 * nothing (EricLBuehler/mistral.rs issue 79, decolua/9router issue 3492).
 */
export function answerFrames(): FrameDecoder {
  let bare = ''
  const events = sseFrames((line) => {
    if (bare !== '' || BARE.test(line)) bare += `${line}\n`
    if (bare.length > MAX_MESSAGE) throw tooLong()
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
      return bare === '' || bare.length > MOST_WATCHED ? frames : [...frames, ...take()]
    },
    end() {
      const frames = events.end()
      return bare === '' ? frames : [...frames, ...take()]
    },
  }
}
