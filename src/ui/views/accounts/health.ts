import type { AccountView, RestView } from '../../../core/ui/types.ts'
import type { Tone } from '../../components/bits.tsx'

export interface Health {
  tone: Tone
  word: string
}

/** How an account is, in a word. */
export function healthOf({ state, rests, inFlight }: AccountView, now: number): Health {
  if (state === 'needs_login') return { tone: 'bad', word: 'Needs sign-in' }
  const resting = restingOf(rests, now)
  if (resting.length > 0) {
    return { tone: 'warn', word: resting.some(({ cause }) => cause === 'spent') ? 'Limit reached' : 'Resting' }
  }
  return inFlight > 0 ? { tone: 'good', word: 'At work' } : { tone: 'good', word: 'Ready' }
}

/** The models it rests for now. */
export function restingOf(rests: readonly RestView[], now: number): RestView[] {
  return rests.filter(({ until }) => until > now)
}

/** Why an account rests, in words. */
export function causeOf({ cause, status, code }: RestView): string {
  const why = cause === 'spent' ? 'Its limit is used up' : 'It failed'
  const told = [status > 0 ? String(status) : '', code].filter(Boolean).join(' ')
  return told === '' ? why : `${why} (${told})`
}
