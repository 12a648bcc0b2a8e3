/** The media type and base64 text of a `data:` URL; `undefined` where it is none. A URL in plain text is encoded. */
export function parseDataUrl(url: string): { mediaType: string; data: string } | undefined {
  if (url.slice(0, 5).toLowerCase() !== 'data:') return undefined
  const comma = url.indexOf(',')
  if (comma === -1) return undefined
  const header = url.slice(5, comma)
  const body = url.slice(comma + 1)
  const base64 = /;\s*base64$/i.test(header)
  const mediaType = (base64 ? header.slice(0, header.lastIndexOf(';')) : header) || 'text/plain'
  if (base64) return { mediaType, data: body }
  try {
    return { mediaType, data: Buffer.from(decodeURIComponent(body)).toString('base64') }
  } catch {
    return undefined
  }
}

export function dataUrl(mediaType: string, base64: string): string {
  return `data:${mediaType};base64,${base64}`
}
