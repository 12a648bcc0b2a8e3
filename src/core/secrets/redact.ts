import { holdsSecret, withoutSecrets } from './known-secrets.ts'

/**
 * What keys and tokens look like, for texts that byok did not write itself: a library's message, a stack. The second net;
 * the first is that secrets are `Secret`s. Forms: the vendors' own documentation of their keys, RFC 6750, RFC 7519.
 *
 * Whatever begins as one is taken to its end, so that no character is looked at from many beginnings: a provider's error may be made
 * of beginnings alone. So half a token is one too.
 */
const SHAPES: [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [secret]'],
  [/\b(?:sk|pk|rk|byok)[-_][\w-]{16,}/g, '[secret]'],
  [/\bgh[oprsu]_\w{16,}/g, '[secret]'],
  [/\bgithub_pat_\w{16,}/g, '[secret]'],
  [/\bya29\.[\w-]{16,}/g, '[secret]'],
  [/\bAIza[\w-]{30,}/g, '[secret]'],
  [/\bGOCSPX-[\w-]{16,}/g, '[secret]'],
  [/\beyJ[\w-]{8,}(?:\.[\w-]+)*\.?/g, '[secret]'],
  [/([?&](?:key|api_key|access_token|refresh_token|client_secret|code)=)[^&\s"']+/gi, '$1[secret]'],
  [/("(?:api_?key|access_?token|refresh_?token|id_?token|client_?secret|password)"\s*:\s*")[^"]+/gi, '$1[secret]'],
]

/** A part of a text. */
export interface Place {
  start: number
  end: number
}

/** Where a text has what looks like a key or token. */
export function placesOfSecrets(text: string): Place[] {
  return SHAPES.flatMap(([shape]) =>
    [...text.matchAll(shape)].map(({ 0: found, 1: before = '', index }) => {
      // `Bearer` and the key have a space between them.
      const length = found.slice(before.length).trimStart().length
      return { start: index + found.length - length, end: index + found.length }
    }),
  )
}

const ANY_SHAPE = new RegExp(SHAPES.map(([shape]) => shape.source).join('|'), 'i')

/** Whether {@link redact} may find something; several times as fast. */
export function mayHoldSecret(text: string): boolean {
  return holdsSecret(text) || ANY_SHAPE.test(text)
}

/** A text without the secrets of this process, and without what looks like a key or token. */
export function redact(text: string): string {
  let clean = withoutSecrets(text)
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead)
  return clean
}
