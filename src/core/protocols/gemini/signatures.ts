import type { AssistantPart, ReasoningFormat, ReasoningPart, ToolCallPart } from '../../chat/index.ts'
import { googleSignature } from '../answer-images.ts'

/*
 * Where Gemini's thought signatures live in the neutral model.
 *
 * Gemini puts a signature on any part: a thought, a function call, a text (ai.google.dev/gemini-api/docs/thought-signatures). A
 * reasoning part without text carries those of the latter two, and survives protocols that keep reasoning apart from the rest,
 * as `reasoning_details` of chat completions do: `id` is the id of the call it was on, as OpenRouter has it, and absent where it
 * was on text.
 */

/** A part that only carries the signature of another. */
export function carrier(signature: string, callId: string | undefined, format: ReasoningFormat): ReasoningPart {
  return { type: 'reasoning', text: '', signature, ...(callId !== undefined && { id: callId }), format }
}

/** The field of a part, and of the `extra` of what was read from one that is neither text nor call. */
export const SIGNATURE = 'thoughtSignature'

/**
 * What Google documents for calls that no Gemini model made, or whose signature a client lost: the API then skips its check.
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures "FAQs"
 */
export const NO_SIGNATURE = 'skip_thought_signature_validator'

/**
 * Whether a part's signature is of another: of a thought with words too, where the client made one of what was thought before a call and of what
 * carried the call's signature (droid 0.215, by Responses).
 */
export function carriesProof({ text, id, format }: ReasoningPart): boolean {
  return text === '' || (id !== undefined && format === 'google-gemini-v1')
}

/** The signatures of one assistant message, by the part they go on. */
export interface Placement {
  calls: Map<ToolCallPart, string>
  /** For the last text. */
  text: string | undefined
}

/** The opaque proof of a part; OpenRouter sends Gemini's as `reasoning.encrypted`. */
export function proofOf(part: ReasoningPart): string | undefined {
  return part.signature ?? part.encrypted
}

/** Finds the place of every carrier of one message. */
export function placeSignatures(parts: readonly AssistantPart[], format: ReasoningFormat): Placement {
  const calls = parts.filter((part) => part.type === 'tool-call')
  const placed = new Map<ToolCallPart, string>()
  const loose: { signature: string; id: string | undefined }[] = []
  for (const part of parts) {
    if (part.type !== 'reasoning' || part.format !== format || !carriesProof(part)) continue
    const signature = proofOf(part)
    if (signature === undefined) continue
    const call = calls.find(({ id }) => id === part.id)
    // Claude's thinking without its words: no call was signed by it, and this wire has no place for it.
    if (!call && format === 'anthropic-claude-v1') continue
    if (call) placed.set(call, signature)
    else loose.push({ signature, id: part.id })
  }
  for (const call of calls) {
    const signature = format === 'google-gemini-v1' ? googleSignature(call.extra) : undefined
    if (signature !== undefined && !placed.has(call)) placed.set(call, signature)
  }
  const anyText = parts.some((part) => part.type === 'text')
  let last: string | undefined
  for (const { signature, id } of loose) {
    // A client that renames its calls leaves the order: of parallel calls the first is signed.
    const call = id !== undefined || !anyText ? calls.find((one) => !placed.has(one)) : undefined
    if (call) placed.set(call, signature)
    else last = signature
  }
  return { calls: placed, text: last }
}
