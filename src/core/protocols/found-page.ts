import { text } from './json.ts'

/** A page that a search of the web found. */
export interface FoundPage {
  url: string
  title: string
}

/** A page as a vendor tells of it, by its address where it has no title; none without an address. */
export function foundPage(url: unknown, title: unknown): FoundPage[] {
  const address = text(url)
  return address === undefined ? [] : [{ url: address, title: text(title) ?? address }]
}
