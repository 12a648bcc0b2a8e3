import { passedOn } from '../passed-on.ts'
import { inspectTail } from './tail.ts'

export { chatOfTranscription, transcriptionOfChat } from './as-chat.ts'
export { formOfAudio } from './form.ts'

/** OpenAI's Audio (openai-node src/resources/audio/). */
export const { protocol: audioProtocol, translator: audio } = passedOn(
  'openai-audio',
  'speech and transcriptions',
  inspectTail,
)
