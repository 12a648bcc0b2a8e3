/** Figures and times as people read them. */

const whole = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const minute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const dateAndMinute = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const dayAndMonth = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' })

export const count = (value: number): string => whole.format(value)

/** Such as `12.3K`. */
export const compact = (value: number): string => short.format(value)

export const percent = (share: number): string => `${Math.round(share * 100)}%`

export const time = (at: number): string => clock.format(at)

/** Of today the time, of other days the date too. */
export function moment(at: number, now: number): string {
  return Math.abs(at - now) < 12 * 3_600_000 ? minute.format(at) : dateAndMinute.format(at)
}

/** A day such as `2026-03-31`, as `Mar 31`. */
export const day = (date: string): string => dayAndMonth.format(new Date(`${date}T00:00:00Z`))

/** Such as `240 ms`, `3.2 s`, `4 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  return span(ms)
}

/** A longer time, in its two largest units: `4 min`, `2 h 5 min`, `3 d 4 h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours < 24) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
  const [days, left] = [Math.floor(hours / 24), hours % 24]
  return left === 0 ? `${days} d` : `${days} d ${left} h`
}

export function bytes(value: number): string {
  return value < 1000 ? `${value} B` : `${short.format(value / 1000)} kB`
}

/** `1 account`, `2 accounts`. */
export const many = (value: number, one: string): string => `${whole.format(value)} ${one}${value === 1 ? '' : 's'}`
