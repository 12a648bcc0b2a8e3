import type { AssistantPart, ChatMessage } from '../../chat/index.ts'

/**
 * The conversation with an id of its own for each call of a tool: Anthropic answers `tool_use ids must be unique`, and servers exist
 * that count calls anew in each turn (`call_0`), or in one. A repeated id is counted, so that it is the same in every request; a
 * result goes with the first call of its id in the turn before that has none yet.
 *
 * Source: NVIDIA-NeMo/Switchyard issue 502, trycua/cua issue 524.
 */
export function withOwnIds(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  if (!repeatsIds(messages)) return messages
  const used = new Set<string>()
  /** By an id as it came: the ids of its calls in the last turn that have no result yet. */
  const open = new Map<string, string[]>()

  function own(part: AssistantPart): AssistantPart {
    if (part.type !== 'tool-call') return part
    const id = unused(part.id, used)
    used.add(id)
    open.set(part.id, [...(open.get(part.id) ?? []), id])
    return { ...part, id }
  }

  return messages.map((message, index) => {
    const begins = message.role === 'assistant' && messages[index - 1]?.role !== 'assistant'
    if (begins) open.clear()
    if (message.role === 'assistant') return { ...message, content: message.content.map(own) }
    if (message.role !== 'tool') return message
    return { ...message, toolCallId: open.get(message.toolCallId)?.shift() ?? message.toolCallId }
  })
}

function repeatsIds(messages: readonly ChatMessage[]): boolean {
  const seen = new Set<string>()
  for (const { role, content } of messages) {
    if (role !== 'assistant') continue
    for (const part of content) {
      if (part.type !== 'tool-call') continue
      if (seen.has(part.id)) return true
      seen.add(part.id)
    }
  }
  return false
}

function unused(id: string, used: ReadonlySet<string>): string {
  let own = id
  for (let count = 2; used.has(own); count++) own = `${id}_${count}`
  return own
}
