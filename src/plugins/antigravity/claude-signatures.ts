import type { GeminiProofs } from '../../kit.ts'

/*
 * Claude signs its thoughts wherever it runs, and what one of its hosts signed another takes back, if it is written in that host's way.
 * Anthropic's API has a signature in base64; Antigravity has that text in base64 once more, and takes nothing else. Newer models than
 * Antigravity has sign in an envelope that it does not take at all.
 *
 * Source: router-for-me/CLIProxyAPI, internal/signature/claude_validation.go (`NormalizeClaudeThinkingSignature`, "CAIS envelope") and
 * provider_compatibility.go (`CompatibleAntigravityClaudeThinkingSignature`).
 */

/** The first bytes of a signature, and of one in the newer envelope. */
const SIGNATURE = 0x12
const ENVELOPE = 0x08

/** The neutral model has Anthropic's form, which Claude and Copilot take as it is. A form nobody knows goes back as it came. */
export const claudeProofs: GeminiProofs = {
  read(wire) {
    const inner = Buffer.from(wire, 'base64').toString('latin1')
    return firstByte(inner) === SIGNATURE && /^[\w+/]+={0,2}$/.test(inner) ? inner : wire
  },
  write(proof) {
    switch (firstByte(proof)) {
      case SIGNATURE:
        return Buffer.from(proof).toString('base64')
      case ENVELOPE:
        return undefined
      default:
        return proof
    }
  },
}

function firstByte(base64: string): number | undefined {
  return Buffer.from(base64.slice(0, 4), 'base64')[0]
}
