import { SECRET_NAME } from '../secrets/url-secrets.ts'
import type { Place } from '../secrets/redact.ts'

/** A setting, in what is written after a `#`. */
const SETTING = /([\w-]+)["']?\s*(?::(?=\s|["']|$)|=)/g
/** What is taken from the environment, or may be a secret: a word of some length. */
const VALUE = /\$\{[A-Za-z_]\w*\}|[^\s"',{}[\]]{8,}/g
const ITEM = /^\s*-\s/

/** Secrets of settings that were made comments: what follows a name of a secret, on its line or as a list below. */
export function placesInComments(text: string): Place[] {
  const places: Place[] = []
  let inList = false
  for (const { 0: found, 1: before = '', 2: comment = '', index } of text.matchAll(/^(.*?(?:^|\s)#|.*)(.*)$/gm)) {
    if (!before.endsWith('#')) {
      inList = false
      continue
    }
    const at = index + found.length - comment.length
    const names = [...comment.matchAll(SETTING)]
    const secret = names.find(([, name = '']) => SECRET_NAME.test(name))
    inList = secret ? comment.trimEnd().endsWith(':') : inList && ITEM.test(comment)
    const from = secret ? secret.index + secret[0].length : inList ? 0 : comment.length
    for (const value of comment.slice(from).matchAll(VALUE)) {
      if (value[0].startsWith('${')) continue
      const start = at + from + value.index
      places.push({ start, end: start + value[0].length })
    }
  }
  return places
}
