import { createHash } from 'node:crypto'
import { changeOf } from '../chat/index.ts'
import type { ChatEvent, ChatMessage, ChatRequest, ChatTool, ToolChoice } from '../chat/index.ts'
import { withReader, withRequest } from './read-again.ts'
import type { Translator } from './translator.ts'

/**
 * A translator for a provider that refuses some names that other vendors' tools may have: such a tool has another name on the wire, and
 * its own in what the client reads. Of tools that have one name, as those of two MCP servers may, the first is offered.
 *
 * @param takes Tells the names that the provider takes. It must take `\w` and `-`, and 64 of them.
 */
export function withToolNames(translator: Translator, takes: RegExp): Translator {
  const asking = withRequest(translator, (chat) => renamed(chat, takes))
  return withReader(asking, (chat) => {
    const names = clientNames(chat, takes)
    return names.size === 0 ? undefined : { read: (event) => [named(event, names)] }
  })
}

/** As much of the name as every wire takes, and a mark that tells it from others: the same in each turn. */
function wireName(name: string, takes: RegExp): string {
  if (takes.test(name)) return name
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 12)
  const letters = name.replaceAll(/[^\w-]/g, '_')
  return `${(/^[a-z_]/i.test(letters) ? letters : `_${letters}`).slice(0, 51)}_${mark}`
}

/** The tools' own names, by those they have on the wire, where the two differ. */
function clientNames(chat: ChatRequest | undefined, takes: RegExp): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const tool of chat?.tools ?? []) {
    if (tool.type !== 'provider' && !takes.test(tool.name)) names.set(wireName(tool.name, takes), tool.name)
  }
  return names
}

function renamed(chat: ChatRequest, takes: RegExp): ChatRequest {
  const rename = (name: string) => wireName(name, takes)
  const { tools, toolChoice, messages } = chat
  return {
    ...chat,
    messages: messages.map((message) => withNames(message, rename)),
    ...(tools && {
      tools: onePerName(tools).map((tool) => (tool.type === 'provider' ? tool : { ...tool, name: rename(tool.name) })),
    }),
    ...(toolChoice && { toolChoice: choiceOf(toolChoice, rename) }),
  }
}

/**
 * OpenAI passes over two of one name, of which a client can call but one. Anthropic ("Tool names must be unique"), Gemini ("Duplicate function
 * declaration found") and DeepSeek refuse the request (onyx-dot-app/onyx issue 9229 and pull request 11812, trefeon/freebuff-proxy pull
 * request 655).
 */
function onePerName(tools: ChatTool[]): ChatTool[] {
  const names = new Set<string>()
  return tools.filter((tool) => {
    // One that comes or goes within the conversation is in the place of another of its name.
    if (tool.type === 'provider' || changeOf(tool) !== undefined) return true
    const isFirst = !names.has(tool.name)
    names.add(tool.name)
    return isFirst
  })
}

type Rename = (name: string) => string

function withNames(message: ChatMessage, rename: Rename): ChatMessage {
  if (message.role === 'tool') return message.name === undefined ? message : { ...message, name: rename(message.name) }
  if (message.role !== 'assistant' || !message.content.some((part) => part.type === 'tool-call')) return message
  const content = message.content.map((part) =>
    part.type === 'tool-call' ? { ...part, name: rename(part.name) } : part,
  )
  return { ...message, content }
}

function choiceOf(choice: ToolChoice, rename: Rename): ToolChoice {
  switch (choice.type) {
    case 'tool':
      return { ...choice, name: rename(choice.name) }
    case 'allowed':
      return { ...choice, names: choice.names.map(rename) }
    default:
      return choice
  }
}

function named(event: ChatEvent, names: ReadonlyMap<string, string>): ChatEvent {
  return event.type === 'tool-call' ? { ...event, name: names.get(event.name) ?? event.name } : event
}
