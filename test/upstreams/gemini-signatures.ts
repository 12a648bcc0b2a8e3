/*
 * Thought signatures are encrypted by Google, and one that it did not make is refused. The fakes remember those they sent.
 */

const issued = new Set<string>()
let count = 0

/** What Google documents for calls that have none. */
const SKIP = new Set(['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'])

/** A signature the fake stands by from now on: the given one, or a new one. */
export function issue(given?: string): string {
  const signature = given ?? Buffer.from(`thought signature ${++count}`).toString('base64')
  issued.add(signature)
  return signature
}

export function isIssued(signature: string): boolean {
  return issued.has(signature) || SKIP.has(signature)
}
