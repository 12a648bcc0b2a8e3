/*
 * A terminal obeys control characters, and what clients and providers chose (a model, an error's code) may hold some: they are shown
 * as JSON writes them.
 */

/** A text of several lines. */
export function plainText(text: string): string {
  return text.replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, escaped)
}

/** A text that is to be one line. */
export function plainLine(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, escaped)
}

function escaped(character: string): string {
  // JSON leaves those beyond ASCII as they are.
  if (character >= '\x7f') return `\\u00${character.charCodeAt(0).toString(16)}`
  return JSON.stringify(character).slice(1, -1)
}
