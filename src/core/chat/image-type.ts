/** How the base64 text of an image begins, by its format. */
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [/^iVBORw0KGgo/, 'image/png'],
  [/^\/9j\//, 'image/jpeg'],
  [/^R0lGODdh|^R0lGODlh/, 'image/gif'],
  // `RIFF`, a size, `WEBP`.
  [/^UklGR.{7}RUJQ/, 'image/webp'],
]

/**
 * What an image is, by its first bytes; by its name where they say nothing. Clients name images by their file or at random, which OpenAI
 * lets pass. Anthropic refuses what its bytes are not (BerriAI/litellm issue 24900, NousResearch/hermes-agent pull request 21249), and it
 * and Gemini refuse `image/jpg` (mealie-recipes/mealie pull request 5897, ogkalu2/comic-translate pull request 399).
 */
export function imageTypeOf({ mediaType, data }: { mediaType: string; data: string }): string {
  const known = BEGINNINGS.find(([beginning]) => beginning.test(data))
  if (known) return known[1]
  const named = mediaType.toLowerCase()
  return named === 'image/jpg' ? 'image/jpeg' : named
}
