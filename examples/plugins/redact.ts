import { definePlugin } from 'byok'

/** What looks like a secret: keys of the usual vendors, private keys, bearer tokens. */
const SECRETS = [
  /\b(?:sk|pk|rk)-[\w-]{16,}/g,
  /\bgh[pousr]_\w{20,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /(?<=\bBearer )[\w.~+/-]{16,}=*/g,
]

/** Takes secrets out of what people and tools say, before a provider sees it. */
export function redact(patterns: readonly RegExp[] = SECRETS) {
  const clean = (text: string) => patterns.reduce((left, pattern) => left.replace(pattern, '[redacted]'), text)
  return definePlugin({
    name: 'redact',
    hooks: {
      chat({ chat }) {
        for (const { content } of chat.messages) {
          for (const part of content) {
            if (part.type === 'text') part.text = clean(part.text)
            if (part.type === 'tool-call') part.arguments = clean(part.arguments)
          }
        }
      },
    },
  })
}
