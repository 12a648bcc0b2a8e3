/**
 * Seconds that an answer asks to wait: `retry-after-ms` (as OpenAI's and Anthropic's SDKs read it), or `Retry-After` in
 * seconds or as a date. `undefined` where it does not ask.
 *
 * @see https://github.com/openai/openai-node/blob/master/src/client.ts `retryRequest`
 */
export function retryAfterOf(headers: Headers, now = Date.now()): number | undefined {
  const milliseconds = numberOf(headers.get('retry-after-ms'))
  if (milliseconds !== undefined) return milliseconds / 1000
  const value = headers.get('retry-after')
  if (value === null) return undefined
  const seconds = numberOf(value)
  if (seconds !== undefined) return seconds
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000)
}

function numberOf(text: string | null): number | undefined {
  if (text === null || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}
