import { AuthError } from './error.ts'
import { sameText } from './proof.ts'

/** What a redirect back from the authorization server says. */
export type Redirect = { code: string } | { error: AuthError } | { problem: 'state' | 'code' }

/**
 * Reads the parameters of a redirect (RFC 6749 section 4.1.2). One whose `state` is not ours is a `problem`, whatever else it
 * says: it belongs to another login, or to an attacker.
 */
export function readRedirect(parameters: URLSearchParams, state: string, title: string): Redirect {
  if (!sameText(parameters.get('state') ?? '', state)) return { problem: 'state' }
  const error = parameters.get('error')
  if (error !== null) return { error: refusedBy(title, error, parameters.get('error_description')) }
  const code = parameters.get('code')
  return code === null || code === '' ? { problem: 'code' } : { code }
}

/**
 * Reads what a person pasted: the whole address the browser was sent to, its query, or the `code#state` that Claude shows
 * where it cannot redirect.
 */
export function readPasted(text: string, state: string, title: string): Redirect {
  // Quoted for a shell, or as mail programs write an address.
  const pasted = text.trim().replaceAll(/^["'<]+|["'>]+$/g, '')
  const [code, fragment] = pasted.split('#')
  if (code !== undefined && fragment !== undefined && !/^https?:/i.test(pasted)) {
    const redirect = readRedirect(new URLSearchParams({ code, state: fragment }), state, title)
    if ('code' in redirect) return redirect
  }
  const query = pasted.includes('?') ? pasted.slice(pasted.indexOf('?') + 1) : pasted
  return readRedirect(new URLSearchParams(query.split('#')[0]), state, title)
}

/** What to tell of a pasted text that is no use. */
export function pastedProblem(problem: 'state' | 'code'): string {
  return problem === 'state'
    ? 'That is not from this login, or no more than a part of its address, such as the code. Paste the whole address the browser ended at, from `http` to its end.'
    : 'That address holds no code. Paste the whole address the browser ended at, from `http` to its end.'
}

function refusedBy(title: string, code: string, description: string | null): AuthError {
  return new AuthError(`${title} refused the login: ${wordsOf(code, description)}`, { code, permanent: true })
}

/** What a redirect says went wrong, fit for a terminal; `undefined` where it says nothing. */
export function errorIn(parameters: URLSearchParams): string | undefined {
  const code = parameters.get('error')
  return code === null || code === '' ? undefined : wordsOf(code, parameters.get('error_description'))
}

function wordsOf(code: string, description: string | null): string {
  const said = description === null || description === '' ? code : `${description} (${code})`
  return said.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 500)
}
