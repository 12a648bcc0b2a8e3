import type { Extra, TextPart } from '../chat/index.ts'
import { parseDataUrl } from './openai-chat/data-url.ts'
import { isObject, text } from './json.ts'

/** An image that a model made: its bytes as base64, or where it can be fetched. */
export type AnswerImage = { mediaType: string; data: string } | { url: string }

/** The images in an answer's `extra`, where they stand in the form OpenRouter gave them in Chat Completions. */
export function answerImages(extra: Extra | undefined): AnswerImage[] {
  const images = extra?.['images']
  if (!Array.isArray(images)) return []
  return images.flatMap((image: unknown): AnswerImage[] => {
    const place = isObject(image) ? image['image_url'] : undefined
    const url = isObject(place) ? text(place['url']) : undefined
    return url === undefined ? [] : [parseDataUrl(url) ?? { url }]
  })
}

/** Tells apart what is new: of a stream's `extra` events some have all images so far, and some those that came with them. */
export class NewImages {
  readonly #told = new Set<string>()

  of(extra: Extra): AnswerImage[] {
    const images = answerImages(extra)
    if (images.length === 0) return images
    const fresh = images.filter((image) => !this.#told.has(keyOf(image)))
    for (const image of fresh) this.#told.add(keyOf(image))
    return fresh
  }
}

/** What is said where a format has room for an image's bytes alone. */
export function linkTo({ url }: { url: string }): TextPart {
  return { type: 'text', text: `![image](${url})` }
}

function keyOf(image: AnswerImage): string {
  return 'url' in image ? image.url : image.data
}
