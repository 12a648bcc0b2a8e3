import type { ChatMessage } from './message.ts'

/**
 * The line that Claude Code has before its system prompt, for Anthropic's accounting: `x-anthropic-billing-header: cc_version=…; cch=…;`. In
 * it is a hash of what is asked, so that no cache of another vendor's, which goes by how a prompt begins, finds anything (anthropics/claude-code
 * issue 68900, musistudio/claude-code-router issue 1372); and Copilot and Bedrock refuse it: "x-anthropic-billing-header is a reserved keyword
 * and may not be used in the system prompt" (ericc-ch/copilot-api issue 174). At Anthropic it stays: a login is known by it (BerriAI/litellm
 * pull request 30214).
 */
const BILLING_LINE = /^x-anthropic-billing-header:[^\n]*\n*/

/** A text of a system prompt without that line; `undefined` where it is all there is. */
export function withoutBillingLine(text: string): string | undefined {
  const left = text.replace(BILLING_LINE, '')
  return left === '' && text !== '' ? undefined : left
}

/** A message without that line. */
export function withoutBilling(message: ChatMessage): ChatMessage {
  if (message.role !== 'system' || !message.content.some(({ text }) => BILLING_LINE.test(text))) return message
  const content = message.content.flatMap((part) => {
    const text = withoutBillingLine(part.text)
    return text === undefined ? [] : [text === part.text ? part : { ...part, text }]
  })
  return { ...message, content }
}
