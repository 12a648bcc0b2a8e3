import { imageUrl, newImages } from '../chat/index.ts'
import type { Extra, TextPart } from '../chat/index.ts'
import { isObject, text } from './json.ts'
import { parseDataUrl } from './openai-chat/data-url.ts'

/** An image that a model made: its bytes as base64, and what its vendor wants back with them, or where it can be fetched. */
export type AnswerImage = { mediaType: string; data: string; signature?: string } | { url: string }

/** The images in an answer's `extra`, where they stand in the form OpenRouter gave them in Chat Completions. */
export function answerImages(extra: Extra | undefined): AnswerImage[] {
  const images = extra?.['images']
  return Array.isArray(images) ? read(images) : []
}

function read(images: readonly unknown[]): AnswerImage[] {
  return images.flatMap((image): AnswerImage[] => {
    const url = imageUrl(image)
    if (url === undefined) return []
    const bytes = parseDataUrl(url)
    const signature = googleSignature(image)
    return [bytes ? { ...bytes, ...(signature !== undefined && { signature }) } : { url }]
  })
}

/** The field in which Google's own OpenAI endpoint has its signatures, for whoever sends a message back as it came. */
export function googleExtra(signature: string): Extra {
  return { extra_content: { google: { thought_signature: signature } } }
}

/** The signature in such a field. */
export function googleSignature(holder: unknown): string | undefined {
  const more = isObject(holder) ? holder['extra_content'] : undefined
  const google = isObject(more) ? more['google'] : undefined
  return isObject(google) ? text(google['thought_signature']) : undefined
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
