/** The day of a moment by this machine's clock, such as `2026-03-31`. */
export function dayOf(time: number): string {
  const date = new Date(time)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The day before another. */
export function dayBefore(day: string): string {
  const date = new Date(`${day}T12:00`)
  date.setDate(date.getDate() - 1)
  return dayOf(date.getTime())
}

/** Seconds until the next day begins. */
export function secondsToMidnight(time: number): number {
  const next = new Date(time)
  next.setHours(24, 0, 0, 0)
  return Math.max(1, Math.ceil((next.getTime() - time) / 1000))
}
