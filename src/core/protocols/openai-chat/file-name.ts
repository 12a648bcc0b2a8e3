/** What a file is called that has no name. OpenAI needs one beside data, and tells its kind by it. */
export function nameOfFile(filename: string | undefined, mediaType: string): string {
  return filename ?? `file.${mediaType === 'text/plain' ? 'txt' : (/[a-z0-9]+$/.exec(mediaType)?.[0] ?? 'bin')}`
}
