import { isObject, objects } from '../json/json.ts'
import { withoutBilling } from './billing-line.ts'
import { unsupported } from './error.ts'
import type { ChatError } from './error.ts'
import type { Extra, ImagePart, TextPart } from './message.ts'
import { changeOf } from './tool-change.ts'
import type { ChatMessage, ChatRequest, ChatTool, ProviderTool } from './index.ts'

/**
 * What a client's `extra` may not be left out of, by the protocol it is written in: each changes what is asked, so that an answer
 * without it would be to another question. Whatever else is there says how that protocol's own vendor is to go about it, and an
 * answer without it is as right.
 */
const NEEDED: Record<string, readonly string[]> = {
  // Anthropic: MessageCreateParams of @anthropic-ai/sdk, of `beta.messages` too.
  'anthropic-messages': ['container', 'mcp_servers', 'thread', 'compaction', 'fallbacks', 'inference_geo'],
  // Gemini: GenerateContentRequest of ai.google.dev/api/generate-content and @google/genai.
  gemini: ['cachedContent', 'continuationToken'],
  // OpenAI: ResponseCreateParams and ChatCompletionCreateParams of openai-node. `moderation` may block what is answered, and tells in any
  // case what it found.
  'openai-responses': ['previous_response_id', 'conversation', 'prompt', 'background', 'moderation'],
  'openai-chat': ['moderation', 'web_search_options', 'audio'],
}

/**
 * With these values they change nothing, as without the field. `fallbacks: "default"`, which Claude Code sends, has a model that has
 * none answer alone (`BetaFallbacksParam` of @anthropic-ai/sdk); `inference_geo: "global"` is anywhere
 * (platform.claude.com/docs/en/build-with-claude/data-residency).
 */
const IDLE: Record<string, unknown> = { fallbacks: 'default', inference_geo: 'global' }

/**
 * What Anthropic's clients know a field's refusal by. After this one the SDK's tool runner (src/lib/internal/threads/ThreadState.ts,
 * `recoversFrom`, which logs `unsupported`) and Claude Code send the whole conversation, and go on without a thread.
 */
const DETAILS: Record<string, Record<string, unknown>> = {
  thread: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
}

/** Kinds of Gemini's parts that stand in the `extra` of an empty text (protocols/gemini/fields.ts). */
const NEEDED_PARTS = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse', 'audioTranscription']

/**
 * Under which name the `extra` of a part says that only the vendor who made it can open it, and that the conversation is not the same
 * without: the value is what it is, in words, and its place in the client's request.
 */
export const SEALED = 'sealed'

/**
 * Under which name the `extra` of a part or a tool has what its own vendor's model reads in a field of its own, in parts that others have too:
 * they are told of it before a part and after, and of a tool at the end of its description.
 */
export const TOLD = Symbol('told to others')

/** What stands under {@link TOLD}. */
export interface Told {
  before?: TextPart[]
  after?: (TextPart | ImagePart)[]
}

/**
 * Refuses what only another provider can open, such as some items of OpenAI's Responses.
 * @throws {ChatError} 400 naming a part that the provider cannot open.
 */
export function refuseSealed({ messages }: ChatRequest, provider: string): void {
  for (const { content } of messages) for (const part of content) refuseSealedPart(part, provider)
}

function refuseSealedPart({ extra }: { extra?: Extra }, provider: string): void {
  const sealed = extra?.[SEALED]
  if (!isObject(sealed)) return
  throw unsupported(provider, `${String(sealed['what'])}, which only who made it can open`, String(sealed['param']))
}

/**
 * Tools a vendor runs that are an offer: the model looks something up, or draws, where it sees fit. Codex and others send them with
 * every request beside their own tools. By `type` (openai-node `Tool`, @anthropic-ai/sdk `ToolUnion`), or by Gemini's key.
 */
const OFFERS = /^(?:web_search|web_fetch|image_generation|tool_search)(?:_|$)/
const GEMINI_OFFERS = ['googleSearch', 'google_search', 'urlContext', 'url_context']

/**
 * The tools a provider of another format is to be told of: without what another vendor would offer beside the client's own tools. Where
 * it is all there is, or must be called, it stays, and is refused as any other tool of another vendor's.
 *
 * @param known Whether the provider has this tool itself.
 */
export function withoutForeignOffers(chat: ChatRequest, known: (tool: ProviderTool) => boolean): ChatRequest {
  const { tools = [], toolChoice, extra } = chat
  const own = tools.filter((tool) => tool.type !== 'provider')
  // A choice of a vendor's tool has no neutral word, so it is still in the wire's.
  if (own.length === 0 || extra?.['tool_choice'] !== undefined) return chat
  const left = tools.filter(
    (tool) =>
      tool.type !== 'provider' ||
      known(tool) ||
      !isOffer(tool.tool) ||
      (toolChoice?.type === 'tool' && toolChoice.name === tool.tool['name']),
  )
  return left.length === tools.length ? chat : { ...chat, tools: left }
}

/** What a vendor calls a tool of its own, for errors: its `type`, or Gemini's key. */
export function nameOfTool({ tool }: ProviderTool): string {
  const { type } = tool
  return typeof type === 'string' ? type : (Object.keys(tool)[0] ?? 'unnamed')
}

function isOffer(tool: Record<string, unknown>): boolean {
  const { type } = tool
  if (typeof type === 'string') return OFFERS.test(type)
  const keys = Object.keys(tool)
  return keys.length > 0 && keys.every((key) => GEMINI_OFFERS.includes(key))
}

/** The keys of an `extra` under which another format keeps what it reads back itself: symbols are no names of a wire. */
function unnamed(extra: Extra | undefined): Extra | undefined {
  if (!extra) return undefined
  const symbols = Object.getOwnPropertySymbols(extra)
  if (symbols.length === 0) return undefined
  const left: Extra = {}
  for (const symbol of symbols) if (symbol !== TOLD) Reflect.set(left, symbol, Reflect.get(extra, symbol))
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
    if (!isIdle(name, value)) throw unsupportedField(provider, name)
  }
  const { modalities, formats } = kindsAsked(chat.extra)
  if (modalities.some((kind) => kind !== 'TEXT'))
    throw unsupported(provider, 'answers other than text', 'responseModalities')
  if (formats.some((kind) => kind !== 'text')) throw unsupported(provider, 'answers other than text', 'responseFormat')
  const messages = chat.messages.filter(isShown).map(withoutBilling)
  const tools = chat.tools?.filter((tool) => changeOf(tool) !== 'withdrawn')
  return strip(withoutExtraWithin({ ...chat, messages, ...(tools && { tools }) }, provider))
}

/**
 * Whether the model is still to be told: a message of Anthropic's may be for the turn it stands in alone, and stays where it is all the same.
 * "Once a later `role: "user"` message exists in `messages` the message stays in the array … but is no longer shown to the model"
 * (`clear_at` of `BetaSystemMessageParam`, @anthropic-ai/sdk). The results of tools are such messages too.
 */
function isShown(message: ChatMessage, at: number, all: readonly ChatMessage[]): boolean {
  if (message.role !== 'system' || message.extra?.['clear_at'] !== 'next_user_message') return true
  return !all.slice(at + 1).some(({ role }) => role === 'user' || role === 'tool')
}

/**
 * The request without what its messages, their parts and its tools have besides. For a format that shares a client's words for the whole
 * of a request, and none within.
 */
export function withoutExtraWithin(chat: ChatRequest, provider: string): ChatRequest {
  const messages = chat.messages.map((message) => stripMessage(message, provider)).filter((message) => !isBare(message))
  const stripped: ChatRequest = { ...chat, messages }
  if (chat.tools) stripped.tools = chat.tools.map(stripTool)
  return stripped
}

function isIdle(name: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === IDLE[name]) return true
  return Array.isArray(value) && value.length === 0
}

/** A 400 that names a field of a client's protocol, in the words that protocol's clients know. */
export function unsupportedField(provider: string, name: string): ChatError {
  return unsupported(provider, `\`${name}\``, name, DETAILS[name])
}

/** What a client of Gemini's wants an answer to be, by the older field and by the newest (`GenerationConfig` of @google/genai). */
function kindsAsked(extra: Extra | undefined): { modalities: unknown[]; formats: string[] } {
  const config = extra?.['generationConfig']
  const { responseModalities: modalities, responseFormat: formats } = isObject(config) ? config : {}
  return {
    modalities: Array.isArray(modalities) ? modalities : [],
    formats: objects(Array.isArray(formats) ? formats : [formats]).flatMap((format) => Object.keys(format)),
  }
}

function stripMessage(message: ChatMessage, provider: string): ChatMessage {
  const parts = message.role === 'system' ? message.content.filter(says) : message.content
  const content = parts.flatMap((part) => {
    refuseSealedPart(part, provider)
    for (const kind of NEEDED_PARTS) {
      if (part.extra?.[kind] !== undefined) throw unsupported(provider, `a part of the kind \`${kind}\``, kind)
    }
    const { before = [], after = [] } = toldWith(part)
    return [...before, strip(part), ...after]
  })
  return strip({ ...message, content } as ChatMessage)
}

/** Whether a part of a system message says anything, and does not only set something in its protocol's own words. */
function says({ text, extra }: TextPart): boolean {
  return text !== '' || !extra
}

/** Whether nothing is left of a system message, which only set something. */
function isBare({ role, content, extra }: ChatMessage): boolean {
  return role === 'system' && content.length === 0 && !extra
}

function stripTool(tool: ChatTool): ChatTool {
  if (tool.type === 'provider') return tool
  const told = (toldWith(tool).after ?? []).flatMap((part) => (part.type === 'text' ? part.text : []))
  if (told.length === 0) return strip(tool)
  const { description } = tool
  return strip({ ...tool, description: [...(description === undefined ? [] : [description]), ...told].join('\n\n') })
}

function toldWith({ extra }: { extra?: Extra }): Told {
  const told: unknown = extra && Reflect.get(extra, TOLD)
  return isObject(told) ? told : {}
}

function strip<T extends { extra?: Extra }>(holder: T): T {
  if (!holder.extra) return holder
  const { extra, ...rest } = holder
  const left = unnamed(extra)
  return (left ? { ...rest, extra: left } : rest) as T
}
