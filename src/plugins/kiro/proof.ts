import type { ReasoningPart } from '../../index.ts'
import type { KiroReasoning } from './wire.ts'

/**
 * Before every proof of reasoning that leaves byok. Kiro's are bound to the account, and it answers any other with
 * THINKING_SIGNATURE_INVALID; the neutral model's `format` has no word for whose they are, so they say it themselves.
 */
const MARK = 'kiro.'

/** A proof as clients see it. */
export function markProof(proof: string): string {
  return MARK + proof
}

/**
 * The reasoning that goes back with an assistant's message: the last piece that carries a proof of Kiro's own.
 *
 * One is all a message has room for (`reasoningContent`), and an unproven text is refused.
 */
export function provenReasoning(parts: ReasoningPart[]): KiroReasoning | undefined {
  for (const part of parts.toReversed()) {
    const signature = unmark(part.signature)
    if (signature !== undefined) return { reasoningText: { text: part.text, signature } }
    const redactedContent = unmark(part.encrypted)
    if (redactedContent !== undefined) return { redactedContent }
  }
  return undefined
}

function unmark(proof: string | undefined): string | undefined {
  return proof?.startsWith(MARK) ? proof.slice(MARK.length) : undefined
}
