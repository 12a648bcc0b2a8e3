import type { Translator } from '../../index.ts'
import { eventStreamFrames, withFreeText, withOwnStops, withToolNames } from '../../kit.ts'
import { readError } from './errors.ts'
import { KiroEvents } from './events.ts'
import { encodeRequest } from './request.ts'

/** Bedrock's rule for a tool's name, which Kiro passes on to it. */
const NAME = /^[\w-]{1,64}$/

/** Kiro only streams, so there is no `answer`: byok collects. It has no stop sequences either, so byok ends answers at them itself. */
export const translator: Translator = withToolNames(
  withOwnStops(
    withFreeText({
      format: 'kiro',
      request: encodeRequest,
      events: () => new KiroEvents(),
      frames: () => eventStreamFrames('Kiro'),
      error: readError,
    }),
  ),
  NAME,
)
