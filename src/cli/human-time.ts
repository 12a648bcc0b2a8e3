import ms from 'ms'

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
]

/** A moment, in Unix milliseconds, as people say it: `in 3 hours`, `5 minutes ago`. */
export function relativeTime(moment: number): string {
  const apart = moment - Date.now()
  const [unit, size] = UNITS.find(([, milliseconds]) => Math.abs(apart) >= milliseconds) ?? (['second', 1000] as const)
  // Downwards: what is called an hour lasts at least one.
  return new Intl.RelativeTimeFormat('en').format(Math.trunc(apart / size), unit)
}

/** A span as a clock shows it: `14:07`. */
export function timeLeft(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Milliseconds of a span as people write it, such as `12h` or `30d`; `undefined` for what is none. */
export function parseSpan(text: string): number | undefined {
  // ms() throws for what is empty or very long, and takes a bare number for milliseconds.
  return /^[\d.]+\s*[a-z]+$/i.test(text) && text.length < 50 ? ms(text as ms.StringValue) : undefined
}
