import { isObject } from '../json/json.ts'

/**
 * Under which name the `extra` of a part has the images that it tells of in words, as `images` of Chat Completions has them: a model that draws
 * goes on with its own.
 */
export const DRAWN = Symbol('drawn')

/** Where an image of an answer is, in the form OpenRouter gave `images` in Chat Completions: a `data:` URL as a rule. */
export function imageUrl(image: unknown): string | undefined {
  const place = isObject(image) ? image['image_url'] : undefined
  const url = isObject(place) ? place['url'] : undefined
  return typeof url === 'string' && url !== '' ? url : undefined
}

/**
 * The images of an `extra` event that were not told before: of a stream's events some have all images so far, and some those that came
 * with them.
 */
export function newImages(told: unknown, images: readonly unknown[]): unknown[] {
  const known = new Set(Array.isArray(told) ? told.map(keyOf) : [])
  return images.filter((image) => !known.has(keyOf(image)))
}

function keyOf(image: unknown): unknown {
  return imageUrl(image) ?? image
}
