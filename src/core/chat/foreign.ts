import { unsupported } from './error.ts'
import type { Extra } from './message.ts'
import type { ChatMessage, ChatRequest, ChatTool } from './index.ts'

/**
 * What a client's `extra` may not be left out of, by the protocol it is written in: each changes what is asked, so that an answer
 * without it would be to another question. Whatever else is there says how that protocol's own vendor is to go about it, and an
 * answer without it is as right.
 */
const NEEDED: Record<string, readonly string[]> = {
  // Anthropic: MessageCreateParams of @anthropic-ai/sdk.
  'anthropic-messages': ['container', 'mcp_servers'],
  // Gemini: GenerateContentRequest of ai.google.dev/api/generate-content.
  gemini: ['cachedContent'],
  // OpenAI: ResponseCreateParams of openai-node.
  'openai-responses': ['previous_response_id', 'conversation', 'prompt', 'background'],
}

/** Kinds of Gemini's parts that stand in the `extra` of an empty text (protocols/gemini/fields.ts). */
const NEEDED_PARTS = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse', 'audioTranscription']

/** The keys of an `extra` under which another format keeps what it reads back itself: symbols are no names of a wire. */
function unnamed(extra: Extra | undefined): Extra | undefined {
  if (!extra) return undefined
  const symbols = Object.getOwnPropertySymbols(extra)
  if (symbols.length === 0) return undefined
  const left: Extra = {}
  for (const symbol of symbols) Reflect.set(left, symbol, Reflect.get(extra, symbol))
  return left
}

/**
 * The request without the words of another protocol, which a provider that does not know them would refuse. For translators that
 * send `extra` on as it stands.
 *
 * @param family The protocols whose words the provider's format shares. A request of nobody's is left as it is.
 * @throws {ChatError} 400 naming a field that cannot be left out.
 */
export function withoutForeignExtra(chat: ChatRequest, family: readonly string[], provider: string): ChatRequest {
  const { protocol } = chat
  if (protocol === undefined || family.includes(protocol)) return chat
  for (const name of NEEDED[protocol] ?? []) {
    const value = chat.extra?.[name]
    if (value !== undefined && value !== null && value !== false) throw unsupported(provider, `\`${name}\``, name)
  }
  const modalities = responseModalities(chat.extra)
  if (modalities.some((kind) => kind !== 'TEXT'))
    throw unsupported(provider, 'answers other than text', 'responseModalities')
  const stripped: ChatRequest = { ...chat, messages: chat.messages.map((message) => stripMessage(message, provider)) }
  if (chat.tools) stripped.tools = chat.tools.map(stripTool)
  return strip(stripped)
}

function responseModalities(extra: Extra | undefined): unknown[] {
  const config = extra?.['generationConfig']
  const kinds: unknown = typeof config === 'object' && config !== null && Reflect.get(config, 'responseModalities')
  return Array.isArray(kinds) ? kinds : []
}

function stripMessage(message: ChatMessage, provider: string): ChatMessage {
  const content = message.content.map((part) => {
    for (const kind of NEEDED_PARTS) {
      if (part.extra?.[kind] !== undefined) throw unsupported(provider, `a part of the kind \`${kind}\``, kind)
    }
    return strip(part)
  })
  return strip({ ...message, content } as ChatMessage)
}

function stripTool(tool: ChatTool): ChatTool {
  return tool.type === 'provider' ? tool : strip(tool)
}

function strip<T extends { extra?: Extra }>(holder: T): T {
  if (!holder.extra) return holder
  const { extra, ...rest } = holder
  const left = unnamed(extra)
  return (left ? { ...rest, extra: left } : rest) as T
}
