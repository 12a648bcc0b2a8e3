import { toUtf8 } from '@smithy/util-utf8'

/** Names and values of headers that are worth remembering are no longer. */
const LONGEST = 64
const PLACES = 256

/** ASCII texts of headers, each in a place that its length and second byte tell; a new one takes it over. */
const remembered: string[] = Array.from({ length: PLACES }, () => '')

/**
 * UTF-8 as text, for the names and values of headers. They are the same few in every message, six or more of them, and to compare
 * bytes with what was read before costs a fraction of decoding them.
 */
export function headerText(bytes: Uint8Array): string {
  const place = (bytes.byteLength * 31 + (bytes[1] ?? 0)) % PLACES
  const known = remembered[place] ?? ''
  if (areCodes(bytes, known)) return known
  const text = toUtf8(bytes)
  if (bytes.byteLength <= LONGEST && areCodes(bytes, text)) remembered[place] = text
  return text
}

/** Whether each byte is the code of a character. Of a text decoded from them, that says it is ASCII. */
function areCodes(bytes: Uint8Array, text: string): boolean {
  if (text.length !== bytes.byteLength) return false
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[at]) return false
  return true
}
