/** What a file is called that has no name. OpenAI needs one beside data, and tells its kind by it. */
export function nameOfFile(filename: string | undefined, mediaType: string): string {
  return filename ?? `file.${mediaType === 'text/plain' ? 'txt' : lastWord(mediaType) || 'bin'}`
}

/** From the front: to look for the end at each of its characters takes minutes where a client sends a type of megabytes. */
function lastWord(mediaType: string): string {
  return mediaType.replace(/^[^]*[^a-z0-9]/, '')
}
