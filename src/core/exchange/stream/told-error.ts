import { ChatError } from '../../chat/index.ts'
import { answerFrames } from '../../frames/answer-frames.ts'
import type { Frame, Translator } from '../../translator/translator.ts'

/**
 * The error that a provider told in the last bytes of its stream, as its own decoder reads it; `undefined` where that finds none.
 *
 * @param tail its first line may be cut
 */
export function toldError(translator: Translator, tail: string): ChatError | undefined {
  // A line that is cut at a brace seems to be JSON that has not ended, of which all that follows is a part.
  return errorIn(translator, tail) ?? errorIn(translator, tail.slice(tail.indexOf('\n') + 1))
}

function errorIn(translator: Translator, text: string): ChatError | undefined {
  const frames = translator.frames?.() ?? answerFrames()
  for (const frame of [...frames.push(Buffer.from(text)), ...frames.end()]) {
    const error = errorOf(translator, frame)
    if (error) return error
  }
  return undefined
}

/** One decoder each: what a decoder makes of the middle of a stream alone does not matter. */
function errorOf(translator: Translator, frame: Frame): ChatError | undefined {
  try {
    translator.events().push(frame)
    return undefined
  } catch (error) {
    return error instanceof ChatError && error.code !== 'upstream_bad_answer' ? error : undefined
  }
}
