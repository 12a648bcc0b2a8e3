import { imageUrl, newImages } from '../chat/index.ts'
import type { Extra, TextPart } from '../chat/index.ts'
import { parseDataUrl } from './openai-chat/data-url.ts'

/** An image that a model made: its bytes as base64, or where it can be fetched. */
export type AnswerImage = { mediaType: string; data: string } | { url: string }

/** The images in an answer's `extra`, where they stand in the form OpenRouter gave them in Chat Completions. */
export function answerImages(extra: Extra | undefined): AnswerImage[] {
  const images = extra?.['images']
  return Array.isArray(images) ? read(images) : []
}

function read(images: readonly unknown[]): AnswerImage[] {
  return images.flatMap((image): AnswerImage[] => {
    const url = imageUrl(image)
    return url === undefined ? [] : [parseDataUrl(url) ?? { url }]
  })
}

/** Tells apart what is new in a stream ({@link newImages}). */
export class NewImages {
  readonly #told: unknown[] = []

  of(extra: Extra): AnswerImage[] {
    const images = extra['images']
    if (!Array.isArray(images)) return []
    const fresh = newImages(this.#told, images)
    this.#told.push(...fresh)
    return read(fresh)
  }
}

/** What is said where a format has room for an image's bytes alone. */
export function linkTo({ url }: { url: string }): TextPart {
  return { type: 'text', text: `![image](${url})` }
}
