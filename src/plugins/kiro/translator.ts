import { withFreeText } from '../../core/upstream/free-text.ts'
import type { Translator } from '../../core/upstream/translator.ts'
import { readError } from './errors.ts'
import { KiroEvents } from './events.ts'
import { eventStreamFrames } from './frames.ts'
import { encodeRequest } from './request.ts'

/** Kiro only streams, so there is no `answer`: byok collects. */
export const translator: Translator = withFreeText({
  format: 'kiro',
  request: encodeRequest,
  events: (chat) => new KiroEvents(chat),
  frames: eventStreamFrames,
  error: readError,
})
