import { Lru } from '../lru.ts'

/** Where a URL leads. */
export interface Place {
  /** Such as `https://api.openai.com`. */
  origin: string
  /** With the query. */
  path: string
}

/** Nearly all requests have one of a few URLs, and to take one apart twice is a fiftieth of a small request. */
const places = new Lru<string, Place>(200)
/** Longer ones are hardly asked for twice: clients may name any model. */
const LONGEST_KEPT = 2048

/** A URL taken apart; `undefined` where it is none. */
export function placeOf(url: string): Place | undefined {
  const known = places.get(url)
  if (known) return known
  if (!URL.canParse(url)) return undefined
  const { origin, pathname, search } = new URL(url)
  const place = { origin, path: pathname + search }
  if (url.length <= LONGEST_KEPT) places.set(url, place)
  return place
}
