/*
 * What stands where in the bytes of JSON that is too large to be read twice. All that has a meaning there is ASCII, which is no part of
 * another character in UTF-8.
 */

export const QUOTE = 34
export const COMMA = 44
export const COLON = 58
export const OPEN_ARRAY = 91
export const CLOSE_ARRAY = 93
export const OPEN_OBJECT = 123
export const CLOSE_OBJECT = 125
const BACKSLASH = 92

/** Bytes of a string that are looked at one by one: to have the rest searched costs as much as twice so many. */
const NEAR = 64

/** Where the string that begins at `start` has its closing quote. Nearly all of a large text is in strings, so they are leapt over. */
export function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1
  for (const near = start + NEAR; at < near; at++) {
    if (bytes[at] === BACKSLASH) at++
    else if (bytes[at] === QUOTE) return at
  }
  for (;;) {
    const end = bytes.indexOf(QUOTE, at)
    if (end === -1) return bytes.length
    if (!isEscaped(bytes, at, end)) return end
    at = end + 1
  }
}

function isEscaped(bytes: Buffer, from: number, end: number): boolean {
  let backslashes = 0
  while (end - 1 - backslashes >= from && bytes[end - 1 - backslashes] === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}
