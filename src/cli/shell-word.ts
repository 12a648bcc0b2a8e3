/** A text between quotes, as POSIX shells take it for itself. */
export function shellText(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** A text as a shell takes it for one word: between quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : shellText(text)
}
