import type { ReasoningPart } from './message.ts'

/** What a piece of reasoning says of itself beside its text, most of which its provider wants back. */
export type ReasoningProof = Pick<ReasoningPart, 'summary' | 'signature' | 'encrypted' | 'id' | 'format'>

/** Adds what the next fragment of a piece says: signatures come in fragments too, all else whole. */
export function addProof(to: ReasoningProof, { summary, signature, encrypted, id, format }: ReasoningProof): void {
  if (summary !== undefined) to.summary = summary
  if (signature !== undefined) to.signature = (to.signature ?? '') + signature
  if (encrypted !== undefined) to.encrypted = encrypted
  if (id !== undefined) to.id = id
  if (format !== undefined) to.format = format
}
