/** Milliseconds. `Date` tells whole seconds, and the answer was on its way since. */
const NO_SKEW = 10_000

/** Unix milliseconds, by the clock of the server that answers: moments that it names are by that one, and this machine's may be off. */
export function nowAt(headers: Headers): number {
  const now = Date.now()
  const date = Date.parse(headers.get('date') ?? '')
  return Math.abs(now - date) > NO_SKEW ? date : now
}

/**
 * Seconds that an answer asks to wait: `retry-after-ms` (as OpenAI's and Anthropic's SDKs read it), or `Retry-After` in
 * seconds or as a date. A number too large for a span is taken for a moment, as in `x-ratelimit-reset`. `undefined` where it does not
 * ask.
 *
 * @see https://github.com/openai/openai-node/blob/master/src/client.ts `retryRequest`
 */
export function retryAfterOf(headers: Headers, now = nowAt(headers)): number | undefined {
  const milliseconds = numberOf(headers.get('retry-after-ms'))
  if (milliseconds !== undefined) return milliseconds / 1000
  const value = headers.get('retry-after')
  if (value === null) return undefined
  const seconds = numberOf(value)
  if (seconds !== undefined) return untilMoment(seconds, now)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000)
}

/** Milliseconds beyond which there is no date. A larger number is none: an account would rest for as long as any may. */
const LAST_MOMENT = 8.64e15

function numberOf(text: string | null): number | undefined {
  if (text === null || text.trim() === '') return undefined
  const value = Number(text)
  return value >= 0 && value <= LAST_MOMENT ? value : undefined
}

/**
 * Seconds until a limit that is used up is reset, by the headers that OpenAI and the servers that follow it send:
 * `x-ratelimit-remaining-tokens: 0` with `x-ratelimit-reset-tokens: 6m0s`, or without a name and as seconds or a moment in Unix
 * seconds or milliseconds. Limits that have room left do not count.
 *
 * @see https://platform.openai.com/docs/guides/rate-limits "Rate limits in headers"; https://openrouter.ai/docs/api-reference/limits
 */
export function resetOf(headers: Headers, now = nowAt(headers)): number | undefined {
  let longest: number | undefined
  for (const [name, value] of headers) {
    const limit = /^x-ratelimit-remaining(-.+)?$/.exec(name)
    if (!limit || Number(value) !== 0 || value.trim() === '') continue
    const reset = headers.get(`x-ratelimit-reset${limit[1] ?? ''}`)
    const left = reset === null ? undefined : leftOf(reset, now)
    if (left !== undefined) longest = Math.max(longest ?? 0, left)
  }
  return longest
}

/**
 * The wait that an error's words ask for: "Please try again in 7m12s", "Try again in 35 seconds", Azure's "Please retry after 26
 * seconds". OpenAI says it nowhere else within a stream.
 *
 * @see openai/codex codex-rs/codex-api/src/sse/responses.rs `rate_limit_regex`
 */
export function waitIn(message: string | undefined): number | undefined {
  const said = /\b(?:try again in|retry after)\s+((?:[\d.]+\s*(?:hours?|minutes?|seconds?|ms|[hms])\s*)+)/i.exec(
    message ?? '',
  )?.[1]
  return said === undefined ? undefined : durationOf(said.replaceAll(/\s+|(?<=[hms])(?:ours?|inutes?|econds?)/gi, ''))
}

/** Seconds of a duration as Go writes it, which many vendors send: `1h2m3.5s`, `898ms`. */
export function durationOf(text: string): number | undefined {
  const found = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/.exec(text.trim().toLowerCase())
  if (!found || text.trim() === '') return undefined
  const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = found.slice(1).map((part) => Number(part ?? 0))
  return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
}

/** Numbers this large are moments: fifty years of seconds, and as many in milliseconds. */
const MOMENT = 1_577_836_800
const MOMENT_MS = MOMENT * 1000

function leftOf(reset: string, now: number): number | undefined {
  const value = numberOf(reset)
  return value === undefined ? durationOf(reset) : untilMoment(value, now)
}

/** Seconds of what is a span or, where that would be no span, a moment. */
function untilMoment(value: number, now: number): number {
  if (value < MOMENT) return value
  return Math.max(0, (value < MOMENT_MS ? value : value / 1000) - now / 1000)
}
