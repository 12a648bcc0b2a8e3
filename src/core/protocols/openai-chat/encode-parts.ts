import type { Extra } from '../../chat/index.ts'
import { randomHex } from '../../text/random-hex.ts'

/** Fields that stand beside a choice's message and not within it: Azure's and OpenRouter's. */
const CHOICE_LEVEL = new Set(['content_filter_results', 'content_filter_result', 'matched_stop'])
/** Fields of the completion itself, which nothing may stand in for. */
const OWN_FIELDS = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'error'])

export function completionId(): string {
  return `chatcmpl-${randomHex()}`
}

/** Unix seconds. */
export function now(): number {
  return Math.floor(Date.now() / 1000)
}

/** What stands beside the message, and what within. */
export function splitExtra(extra: Extra | undefined): { choice: Extra; message: Extra } {
  const split: { choice: Extra; message: Extra } = { choice: {}, message: {} }
  for (const [name, value] of Object.entries(extra ?? {})) {
    split[CHOICE_LEVEL.has(name) ? 'choice' : 'message'][name] = value
  }
  return split
}

/** What stands beside `choices`, such as `system_fingerprint`. */
export function topLevelExtra(extra: Extra | undefined): Extra {
  return Object.fromEntries(Object.entries(extra ?? {}).filter(([name]) => !OWN_FIELDS.has(name)))
}
