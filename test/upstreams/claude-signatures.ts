/*
 * Claude's signatures as its hosts write them: router-for-me/CLIProxyAPI internal/signature/claude_validation.go. What is in them is left
 * out but for the first byte, by which the kinds are told apart.
 */

let count = 0

/** One as Anthropic's API writes it. */
export function claudeSignature(): string {
  return signed(0x12)
}

/** One of the newest models' ("CAIS", "CAQS"), which Antigravity does not take; what it issues itself of Claude 5.5 is one {@link doubled}. */
export function envelopedSignature(): string {
  return signed(0x08)
}

function signed(first: number): string {
  return Buffer.concat([Buffer.of(first, 0x94, 0x01), Buffer.from(`signed ${++count}`)]).toString('base64')
}

/** The same as Antigravity writes it. */
export function doubled(signature: string): string {
  return Buffer.from(signature).toString('base64')
}

export type ClaudeForm = 'plain' | 'enveloped' | 'doubled' | 'other'

export function formOfSignature(signature: string): ClaudeForm {
  const first = (text: string) => Buffer.from(text, 'base64')[0]
  if (first(signature) === 0x12) return 'plain'
  if (first(signature) === 0x08) return 'enveloped'
  return first(Buffer.from(signature, 'base64').toString('latin1')) === 0x12 ? 'doubled' : 'other'
}
