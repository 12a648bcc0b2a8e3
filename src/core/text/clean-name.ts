import { mayHoldSecret, redact } from '../secrets/redact.ts'

/** Clients and providers choose these words, and may send anything. */
const LONGEST_NAME = 200
/** No key is longer: they travel in headers, of which Node takes 16 kB. One that begins in what is kept is found whole. */
const LONGEST_SECRET = 16_384

/**
 * A name that somebody else chose (a model, a path, an error's code, a request's id), as byok may log, keep and show it: without
 * secrets, since whoever mixes up two fields of a form sends a key for a model; and short, since what is kept is kept for long.
 */
export function cleanName(text: string): string {
  const whole = text.length > LONGEST_NAME ? text.slice(0, LONGEST_NAME + LONGEST_SECRET) : text
  // Nearly no name does, and this is asked several times a request.
  return (mayHoldSecret(whole) ? redact(whole) : whole).slice(0, LONGEST_NAME)
}
