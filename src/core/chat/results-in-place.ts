import type { ChatMessage, ToolMessage, UserMessage } from './message.ts'

interface KnownCall {
  name: string
  /** Results that are still to come: ids may repeat. */
  left: number
  /** The turn it was made in, with the results so far. */
  turn: ChatMessage[]
}

/**
 * The messages with each call's result right behind the turn that made it, for all who refuse anything else. OpenAI's Responses do not: there
 * others may speak in between, a result may come late (`async` of openai-node `FunctionTool`), and a call may have several, as what `notify()`
 * of Codex' code mode tells on the way (openai/codex issue 41820). Those after the first are told in words, where they came.
 */
export function withResultsInPlace(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  if (!messages.some(({ role }) => role === 'tool')) return messages
  const turns: ChatMessage[][] = []
  const calls = new Map<string, KnownCall>()
  let open: ChatMessage[] | undefined
  for (const message of messages) {
    if (message.role === 'assistant') {
      if (!open) turns.push((open = []))
      open.push(message)
      for (const part of message.content) {
        if (part.type !== 'tool-call') continue
        const known = calls.get(part.id)
        const left = known?.turn === open ? known.left + 1 : 1
        calls.set(part.id, { name: part.name, left, turn: open })
      }
      continue
    }
    open = undefined
    const call = message.role === 'tool' ? calls.get(message.toolCallId) : undefined
    if (message.role !== 'tool' || !call) turns.push([message])
    else if (call.left-- > 0) call.turn.push(message)
    else turns.push([inWords(message, call.name)])
  }
  return turns.flat()
}

function inWords({ toolCallId, content }: ToolMessage, name: string): UserMessage {
  return {
    role: 'user',
    content: [{ type: 'text', text: `[more of the result of ${name}, ${toolCallId}]` }, ...content],
  }
}
