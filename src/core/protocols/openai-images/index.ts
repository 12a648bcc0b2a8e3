import { passedOn } from '../passed-on.ts'
import { inspectTail } from './tail.ts'

export { chatOfImages, imagesOfChat } from './as-chat.ts'
export { formOfImages } from './form.ts'

/** OpenAI's Images (openai-node src/resources/images.ts). */
export const { protocol: imagesProtocol, translator: images } = passedOn('openai-images', 'images', inspectTail)
