import { reasoningFormatOf } from '../../chat/index.ts'
import type { ReasoningFormat, ReasoningProof } from '../../chat/index.ts'
import { compact, isObject, parseJson, text } from '../json.ts'
import type { JsonObject } from '../json.ts'

/*
 * Anthropic's clients send a thinking block's `signature`, or a redacted block's `data`, back as it came, and look at neither.
 * So it carries whatever another vendor wants back with its reasoning: ids, encrypted content, signatures.
 */

const PREFIX = 'byok.reasoning.1.'
const CLAUDE: ReasoningFormat = 'anthropic-claude-v1'

/**
 * The signature that stands for a proof: Claude's own as it is, any other's wrapped. Thoughts whose vendor proves nothing have one too, for
 * clients leave out those that have none (@ai-sdk/anthropic: "unsupported reasoning metadata"), or tell them as words of the answer (droid
 * 0.215); Kimi and others want them back.
 */
export function writeSignature(proof: ReasoningProof): string {
  if (proof.format === CLAUDE && proof.signature !== undefined && proof.encrypted === undefined) return proof.signature
  return PREFIX + Buffer.from(JSON.stringify(fieldsOf(proof))).toString('base64url')
}

/** Whether there is nothing in a proof that a vendor could want back. */
export function provesNothing(proof: ReasoningProof): boolean {
  return Object.keys(fieldsOf(proof)).length === 0
}

function fieldsOf({ format, signature, encrypted, id, summary }: ReasoningProof): JsonObject {
  return compact({ format, signature, encrypted, id, summary })
}

/**
 * Whether it is a signature that Antigravity gave for the thoughts of Claude 5.5: Anthropic's newest envelope (its first byte is 8) in base64
 * once more, with Google's own key, and Anthropic's API does not take it (router-for-me/CLIProxyAPI 8, `InspectAntigravityClaudeCAQSSignature`
 * and its test "native Claude must reject Q wrapper").
 */
export function isGooglesOnly(signature: unknown): boolean {
  if (typeof signature !== 'string') return false
  const inner = Buffer.from(signature.slice(0, 8), 'base64').toString('latin1')
  return /^C[\w+/]{3}/.test(inner) && Buffer.from(inner.slice(0, 4), 'base64')[0] === 8
}

/** The data of a redacted block for reasoning without text. */
export function writeRedacted(proof: ReasoningProof): string {
  if (proof.format === CLAUDE && proof.encrypted !== undefined && proof.signature === undefined) return proof.encrypted
  return writeSignature(proof)
}

/** What {@link writeSignature} wrapped; `undefined` where it is a signature of Claude's own. */
export function readWrapped(value: string): ReasoningProof | undefined {
  if (!value.startsWith(PREFIX)) return undefined
  const fields = parseJson(Buffer.from(value.slice(PREFIX.length), 'base64url').toString('utf8'))
  if (!isObject(fields)) return {}
  return compact({
    format: reasoningFormatOf(fields['format']),
    signature: text(fields['signature']),
    encrypted: text(fields['encrypted']),
    id: text(fields['id']),
    summary: fields['summary'] === true ? true : undefined,
  })
}

/** Whether Claude would refuse a thinking block with this signature, or this data: another vendor's, or none. */
export function isForeignProof(proof: unknown): boolean {
  return typeof proof === 'string' && (proof === '' || proof.startsWith(PREFIX) || isGooglesOnly(proof))
}
