/**
 * The messages of a chat, in the one form every protocol and every provider is translated to and from.
 *
 * The unions are closed: a translator that meets a part it cannot say must throw {@link ChatError} naming it
 * (see `unsupported`), never leave it out.
 */

/** Bytes that travel with a message: where they are. */
export type MediaSource =
  | { type: 'url'; url: string }
  /** `data` is standard base64 without a `data:` prefix; `mediaType` as in `image/png`. */
  | { type: 'base64'; mediaType: string; data: string }
  /** A file the provider already holds. The id means nothing to another provider. */
  | { type: 'file-id'; id: string }
  /** A document given as plain text. */
  | { type: 'text'; mediaType: string; text: string }

/** A prompt-cache breakpoint after the part that carries it (Anthropic's `cache_control`). */
export interface CacheControl {
  type: 'ephemeral'
  ttl?: string
}

/** What the neutral model has no word for, by the name the wire gave it. Kept so that nothing is lost. */
export type Extra = Record<string, unknown>

interface PartBase {
  cacheControl?: CacheControl
  extra?: Extra
}

export interface TextPart extends PartBase {
  type: 'text'
  text: string
}

export interface ImagePart extends PartBase {
  type: 'image'
  source: MediaSource
  /** OpenAI's `detail`: `auto`, `low`, `high`, `original`. */
  detail?: string
}

export interface FilePart extends PartBase {
  type: 'file'
  source: MediaSource
  filename?: string
}

export interface AudioPart extends PartBase {
  type: 'audio'
  /** Base64 without a `data:` prefix. */
  data: string
  /** `wav` or `mp3`. */
  format: string
}

/** The model declined, in its own words. */
export interface RefusalPart extends PartBase {
  type: 'refusal'
  refusal: string
}

/**
 * A piece of the model's reasoning. `signature` and `encrypted` are opaque proofs the provider wants back, unchanged and
 * in the same place, on the next turn; `format` says whose they are, so they are never sent to another.
 */
export interface ReasoningPart extends PartBase {
  type: 'reasoning'
  /** Readable text; empty where the provider shows none. */
  text: string
  /** True where `text` is a summary and not the reasoning itself. */
  summary?: boolean
  /** Anthropic: the signature of a `thinking` block. */
  signature?: string
  /** Anthropic `redacted_thinking` data, or an OpenAI reasoning item's `encrypted_content`. */
  encrypted?: string
  /** The provider's id of this piece, such as OpenAI's `rs_…`. */
  id?: string
  format?: ReasoningFormat
}

/** Whose signature this is. The names are those OpenRouter gives in `reasoning_details[].format`. */
export type ReasoningFormat = (typeof REASONING_FORMATS)[number]

const REASONING_FORMATS = ['anthropic-claude-v1', 'openai-responses-v1', 'google-gemini-v1', 'unknown'] as const

/** The format that a text names; `undefined` where it names none of those there are. */
export function reasoningFormatOf(name: unknown): ReasoningFormat | undefined {
  return REASONING_FORMATS.find((format) => format === name)
}

export interface ToolCallPart extends PartBase {
  type: 'tool-call'
  id: string
  name: string
  /** `function`: `arguments` is JSON text as the model wrote it. `custom`: free text. */
  kind: 'function' | 'custom'
  arguments: string
}

export type UserPart = TextPart | ImagePart | FilePart | AudioPart
export type AssistantPart = TextPart | RefusalPart | ReasoningPart | ToolCallPart | ImagePart | FilePart | AudioPart
export type ToolResultPart = TextPart | ImagePart | FilePart

interface MessageBase {
  name?: string
  extra?: Extra
}

export interface SystemMessage extends MessageBase {
  role: 'system' | 'developer'
  content: TextPart[]
}

export interface UserMessage extends MessageBase {
  role: 'user'
  content: UserPart[]
}

export interface AssistantMessage extends MessageBase {
  role: 'assistant'
  /** In the order the model produced them: Anthropic validates that thinking precedes the tool calls it led to. */
  content: AssistantPart[]
}

/** The result of one tool call. */
export interface ToolMessage extends MessageBase {
  role: 'tool'
  toolCallId: string
  content: ToolResultPart[]
  isError?: boolean
  cacheControl?: CacheControl
}

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage

/** Whether it instructs the model and is no turn of the conversation's. */
export function isSystem(message: ChatMessage): message is SystemMessage {
  return message.role === 'system' || message.role === 'developer'
}
