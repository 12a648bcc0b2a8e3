import { isSystem } from '../../chat/index.ts'
import type { ChatMessage, SystemMessage, TextPart } from '../../chat/index.ts'

/** The conversation with one system message at most, its first: see `systemMessages` in options.ts. */
export function withLeadingSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const at = messages.findIndex((message) => !isSystem(message))
  const leading = (at === -1 ? messages : messages.slice(0, at)).filter(isSystem)
  const later = messages.slice(leading.length).map((message) => (isSystem(message) ? asUser(message) : message))
  const [only] = leading
  if (only === undefined) return later
  const lead: SystemMessage = leading.length === 1 ? only : { role: 'system', content: joined(leading) }
  return [lead, ...later]
}

/** One text, which every server reads, but for parts that carry more than theirs, such as a cache breakpoint. */
function joined(messages: readonly SystemMessage[]): TextPart[] {
  const parts = messages.flatMap(({ content }) => content)
  const plain = parts.every(({ cacheControl, extra }) => cacheControl === undefined && extra === undefined)
  return plain ? [{ type: 'text', text: parts.map(({ text }) => text).join('\n\n') }] : parts
}

function asUser({ content }: SystemMessage): ChatMessage {
  return {
    role: 'user',
    content: content.map((part) => ({ ...part, text: `<system>\n${part.text}\n</system>` })),
  }
}
