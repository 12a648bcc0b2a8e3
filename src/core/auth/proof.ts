import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The two halves of PKCE: the secret that is kept, and its hash that goes first. RFC 7636, method S256. */
export interface ProofKey {
  verifier: string
  challenge: string
}

export function createProofKey(): ProofKey {
  const verifier = randomText()
  return { verifier, challenge: challengeOf(verifier) }
}

/** RFC 7636 section 4.2. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

/** 256 random bits, as 43 characters that need no escaping. */
export function randomText(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether two texts are the same, in a time that tells nothing of where they differ. */
export function sameText(one: string, other: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(one), hash(other))
}
