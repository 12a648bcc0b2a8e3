const DAY = 86_400

/** Made where it is first needed: the clocks of the world take as long to load as a tenth of byok. */
let clock: Intl.DateTimeFormat | undefined

/**
 * Seconds until quotas per day are reset, which is at midnight in California; an hour off on the two days when its clocks change.
 *
 * @see https://ai.google.dev/gemini-api/docs/rate-limits
 */
export function untilQuotaDay(): number {
  clock ??= new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Los_Angeles',
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const at = Object.fromEntries(clock.formatToParts(Date.now()).map(({ type, value }) => [type, Number(value)]))
  return DAY - ((at['hour'] ?? 0) * 3600 + (at['minute'] ?? 0) * 60 + (at['second'] ?? 0))
}
