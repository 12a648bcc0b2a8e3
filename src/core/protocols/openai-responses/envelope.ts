import { reasoningFormatOf } from '../../chat/index.ts'
import type { ReasoningProof } from '../../chat/index.ts'
import { parseObject } from '../json.ts'

const PREFIX = 'byok.v1.'

/**
 * A reasoning item's `encrypted_content`. OpenAI's own goes as it is; the proof of another vendor is put into an envelope of
 * byok's, so that a client which sends its items back, as all do, gives that vendor its proof again on the next turn. Thoughts whose vendor
 * proves nothing have an envelope too, without which clients leave them out that store nothing (@ai-sdk/openai: "Reasoning parts without
 * encrypted content are not supported when store is false"; droid 0.215), and Kimi and others want them back.
 */
export function sealProof(proof: ReasoningProof): string | undefined {
  const { signature, encrypted, format = 'unknown' } = proof
  if (format === 'openai-responses-v1' && signature === undefined) return encrypted
  const { id, summary } = proof
  return PREFIX + Buffer.from(JSON.stringify({ format, signature, encrypted, id, summary })).toString('base64url')
}

/** What `encrypted_content` holds. What is no envelope is OpenAI's own. */
export function openProof(content: string): ReasoningProof {
  const sealed = content.startsWith(PREFIX) ? parseObject(decode(content.slice(PREFIX.length))) : undefined
  if (!sealed) return { encrypted: content, format: 'openai-responses-v1' }
  const { format, signature, encrypted, id, summary } = sealed
  const proof: ReasoningProof = {
    format: reasoningFormatOf(format) ?? 'unknown',
  }
  if (typeof signature === 'string') proof.signature = signature
  if (typeof encrypted === 'string') proof.encrypted = encrypted
  if (typeof id === 'string') proof.id = id
  if (typeof summary === 'boolean') proof.summary = summary
  return proof
}

/** Whether `encrypted_content` is byok's envelope around another vendor's proof. */
export function isSealed(content: string): boolean {
  return content.startsWith(PREFIX)
}

function decode(text: string): string {
  return Buffer.from(text, 'base64url').toString('utf8')
}
