import type { GeminiProofs } from '../../kit.ts'

/*
 * Claude signs its thoughts wherever it runs, and what one of its hosts signed another takes back, if it is written in that host's way.
 * Anthropic's API has a signature in base64; Antigravity has that text in base64 once more, and takes nothing else. The newest
 * models sign in an envelope. Antigravity takes only what it signed so itself (of Claude 5.5), which goes back as it came; Anthropic's API
 * does not take that.
 *
 * Source: router-for-me/CLIProxyAPI, internal/signature/claude_validation.go (`NormalizeClaudeThinkingSignature`, "CAIS envelope") and
 * provider_compatibility.go (`CompatibleAntigravityClaudeThinkingSignature`); "bare CAQS must not be promoted to Antigravity wire format" in its
 * test of version 8.
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
