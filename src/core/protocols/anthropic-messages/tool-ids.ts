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
  const unused = unusedIds()
  /** By an id as it came: the ids of its calls in the last turn that have no result yet. */
  const open = new Map<string, string[]>()

  function own(part: AssistantPart): AssistantPart {
    if (part.type !== 'tool-call') return part
    const id = unused(part.id)
    const ofSame = open.get(part.id)
    if (ofSame) ofSame.push(id)
    else open.set(part.id, [id])
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

/** Gives each id that comes a name that none had before. A client may repeat one as often as its body has room for. */
function unusedIds(): (id: string) => string {
  const used = new Set<string>()
  /** By an id as it came: the last number it was given. */
  const counts = new Map<string, number>()
  return (id) => {
    let count = counts.get(id) ?? 1
    let own = count === 1 ? id : `${id}_${count}`
    while (used.has(own)) own = `${id}_${++count}`
    counts.set(id, count)
    used.add(own)
    return own
  }
}
