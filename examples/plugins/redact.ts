import { definePlugin } from 'byok'

/** What looks like a secret: keys of the usual vendors, private keys, bearer tokens. */
const SECRETS = [
  /\b(?:sk|pk|rk)-[\w-]{16,}/g,
  /\bgh[pousr]_\w{20,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /(?<=\bBearer )[\w.~+/-]{16,}=*/g,
]

/** What is asked in no chat: of `/v1/embeddings`, `/v1/completions`, `/v1/moderations`, `/v1/images/*` and `/v1/audio/speech`. */
const FIELDS = ['input', 'prompt']

/** Takes secrets out of what people and tools say, before a provider sees it. */
export function redact(patterns: readonly RegExp[] = SECRETS) {
  const clean = (text: string) => patterns.reduce((left, pattern) => left.replace(pattern, '[redacted]'), text)
  return definePlugin({
    name: 'redact',
    hooks: {
      request({ body }) {
        for (const field of FIELDS) {
          const said = body[field]
          if (typeof said === 'string') body[field] = clean(said)
          if (Array.isArray(said))
            body[field] = said.map((text: unknown) => (typeof text === 'string' ? clean(text) : text))
        }
      },
      chat({ chat }) {
        for (const { content } of chat.messages) {
          for (const part of content) {
            if (part.type === 'text') part.text = clean(part.text)
            if (part.type === 'tool-call') part.arguments = clean(part.arguments)
            if (part.type === 'file' && part.source.type === 'text') part.source.text = clean(part.source.text)
          }
        }
      },
    },
  })
}
