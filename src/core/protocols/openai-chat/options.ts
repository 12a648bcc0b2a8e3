import type { ChatRequest, ReasoningOptions } from '../../chat/index.ts'
import type { Translator } from '../../translator/translator.ts'

/** Fields beyond OpenAI's own that some compatible servers read. */
export type OpenAIChatExtension =
  /** Anthropic's cache breakpoints on parts, messages and tools. OpenAI caches by itself; without this they are not sent. */
  | 'cache_control'
  /** Without this it is not sent: OpenAI has no such field, and fewer candidates were a hint. */
  | 'top_k'
  /** A file by its URL in `file_data`. */
  | 'file_url'
  /** Images and files within a `tool` message. Without this they follow in a user message. */
  | 'tool_media'
  /** Videos, which OpenAI has no part for: see video.ts. */
  | 'video_url'

/** What a compatible server may be unable to do. A request for it is refused with a 400 that names it. */
export type OpenAIChatFeature =
  | 'images'
  | 'image_urls'
  | 'files'
  | 'audio'
  | 'tools'
  | 'required_tool_choice'
  | 'named_tool_choice'
  | 'allowed_tools'
  | 'json_object'
  | 'json_schema'
  | 'n'
  | 'logprobs'
  | 'logit_bias'
  | 'web_search'

/** OpenAI's hints, without which an answer is as right. */
export type OpenAIChatHint =
  | 'verbosity'
  | 'metadata'
  | 'store'
  | 'service_tier'
  | 'prediction'
  | 'prompt_cache_key'
  | 'prompt_cache_retention'
  | 'safety_identifier'

/** How a server that speaks OpenAI's format differs from OpenAI. All default to OpenAI's own ways. */
export interface OpenAIChatOptions {
  /**
   * The format's name. The default, `openai-chat`, lets requests of OpenAI clients pass through as they are, untouched by
   * any option below. A server that needs its requests changed takes a name of its own.
   */
  format?: string
  /** What errors call the provider. Default: `This provider`. */
  provider?: string
  /**
   * Where the server takes reasoning back in assistant messages. Default: nowhere, as OpenAI; reasoning of earlier turns is
   * then not sent. Answers are read whichever field they use.
   */
  reasoningField?: 'reasoning_content' | 'reasoning' | 'reasoning_details'
  /**
   * How it is told how hard to think: OpenAI's `reasoning_effort`, OpenRouter's `reasoning: { … }`, `thinking: { type, … }` as
   * Moonshot and Zhipu have it, or fields of its own. Default: `reasoning_effort`.
   */
  reasoning?: 'reasoning_effort' | 'reasoning' | 'thinking' | ((options: ReasoningOptions) => Record<string, unknown>)
  /**
   * Whether a model reasons, for a server that refuses sampling of one that does, and a wish how hard to think of one that does not.
   * Default: nothing is refused.
   */
  reasons?(model: string): boolean
  /** The field of the output limit. Default: `max_completion_tokens`, which every OpenAI model takes. */
  maxTokens?: 'max_completion_tokens' | 'max_tokens'
  /** The role of developer messages. Default: `developer`. */
  developerRole?: 'developer' | 'system'
  /**
   * Which schemas a function's parameters may have. Default: OpenAI's, an object at the root with `properties`, and `items` in every
   * list; others are written so. `any`: as the client gave them.
   */
  parameters?: 'any'
  /** The names that tools may have. Others are written so, and answers tell the client's own. Default: those that OpenAI takes. */
  toolNames?: RegExp
  /**
   * How tools of free text (`custom`) are told. Default: as OpenAI has them. `functions`: as functions with one text, for servers that
   * know no others.
   */
  freeText?: 'functions'
  /**
   * How a list of allowed tools (`tool_choice` of type `allowed_tools`) is told. Default: as OpenAI has it. `fewer`: by no other tools,
   * for servers that do not know it.
   */
  allowedTools?: 'fewer'
  /**
   * Where system messages may stand. Default: anywhere, as at OpenAI. `first`: those that lead become one, and later ones stand in
   * their place as the user's words in `<system>` tags, for models whose template refuses them ("System message must be at the
   * beginning").
   */
  systemMessages?: 'first'
  /** Which of OpenAI's hints the server knows; others are not sent. Default: all. */
  hints?: readonly OpenAIChatHint[]
  /** Whether streams are asked for usage by `stream_options`. Default: true. */
  streamUsage?: boolean
  extensions?: readonly OpenAIChatExtension[]
  refuses?: readonly OpenAIChatFeature[]
  /** Changes the body last of all, for what no option says. */
  adapt?(body: Record<string, unknown>, chat: ChatRequest): Record<string, unknown>
  /** Reads errors in a form of the vendor's own; where it returns `undefined` the common forms are tried. */
  error?: Translator['error']
}
