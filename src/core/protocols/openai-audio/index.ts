import { passedOn } from '../passed-on.ts'
import { inspectTail } from './tail.ts'

export { formOfAudio } from './form.ts'
export { chatOfSpeech, soundOfChat, speaks } from './speech-as-chat.ts'
export { chatOfTranscription, transcriptionOfChat } from './transcription-as-chat.ts'

/** OpenAI's Audio (openai-node src/resources/audio/). */
export const { protocol: audioProtocol, translator: audio } = passedOn(
  'openai-audio',
  'speech and transcriptions',
  inspectTail,
)
