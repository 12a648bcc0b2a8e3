import type { AssistantPart, Extra, ReasoningFormat, ReasoningPart, ReasoningProof } from '../../chat/index.ts'
import { googleExtra, googleSignature } from '../answer-images.ts'
import type { Fields } from '../fields.ts'
import { objects } from '../json.ts'

/*
 * A Gemini model's proof of a call, on the call itself, where Google's own OpenAI endpoint has it. It is told among `reasoning_details`
 * too, of which clients made with @ai-sdk/openai-compatible 3 (Kilo Code, opencode, Cline) send nothing back: of a call, they do.
 *
 * Servers that take no field they do not know would refuse it. It has a mark, so that byok keeps its own from them, and no other's.
 */

const MARK = 'byok.google.1.'
const GEMINI: ReasoningFormat = 'google-gemini-v1'

/** Whether a piece of reasoning is no more than the proof of a call. */
export function provesCall({ text, id, format, signature }: ReasoningProof & { text: string }): boolean {
  return text === '' && id !== undefined && format === GEMINI && signature !== undefined
}

/** What a call has of a proof: {@link provesCall}. */
export function writeCallProof({ signature = '' }: ReasoningProof): Extra {
  return googleExtra(MARK + signature)
}

/** The same of whole parts, by the ids of calls. */
export function callProofs(parts: readonly AssistantPart[]): Map<string, Extra> {
  const proofs = parts.filter((part) => part.type === 'reasoning').filter(provesCall)
  return new Map(proofs.map((part) => [part.id ?? '', writeCallProof(part)]))
}

/** The part that stands for such a proof, which is taken off the call. */
export function takeCallProof(call: Fields): ReasoningPart | undefined {
  const signature = call.take('extra_content', (value) => signatureIn({ extra_content: value }))
  return signature === undefined
    ? undefined
    : { type: 'reasoning', text: '', signature, id: call.requiredString('id'), format: GEMINI }
}

/** Whether a message of a request has any. */
export function hasCallProof(message: Record<string, unknown>): boolean {
  return objects(message['tool_calls']).some((call) => signatureIn(call) !== undefined)
}

function signatureIn(holder: Record<string, unknown>): string | undefined {
  const signature = googleSignature(holder)
  return signature?.startsWith(MARK) === true ? signature.slice(MARK.length) : undefined
}
