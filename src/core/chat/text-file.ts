const TEXT = /^(?:text\/.+|application\/(?:x-)?(?:json|ndjson|xml|yaml|javascript)|application\/.+\+(?:json|xml|yaml))$/

/** Whether a file of this media type is text, whatever parameters stand beside it. */
export function isTextType(mediaType: string): boolean {
  const [type = ''] = mediaType.split(';')
  return TEXT.test(type.trim().toLowerCase())
}

/** The text in base64 bytes, by the `charset` of their type, UTF-8 without one; `undefined` where they are no such text. */
export function decodeText({ data, mediaType }: { data: string; mediaType: string }): string | undefined {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(mediaType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset, { fatal: true }).decode(Buffer.from(data, 'base64'))
  } catch {
    return undefined
  }
}
