import {
  invalidRequest,
  unsupported,
  unsupportedField,
  withoutForeignExtra,
  withoutForeignOffers,
  withSoundsInWords,
} from '../../chat/index.ts'
import type { ChatRequest, Extra, ResponseFormat } from '../../chat/index.ts'
import { formatInWords, withSystemWords } from '../format-in-words.ts'
import { compact, withExtra } from '../json.ts'
import { PROTOCOL } from './options.ts'
import { OPENROUTER_HINTS } from '../openai-chat/openrouter-hints.ts'
import { THINKING_HINTS } from '../openai-chat/reasoning-options.ts'
import type { JsonObject } from '../json.ts'
import { withFewBreakpoints } from './few-breakpoints.ts'
import type { AnthropicMessagesOptions } from './options.ts'
import type { Writing } from './request-content.ts'
import { writeMessages } from './request-messages.ts'
import { writeThinking } from './request-thinking.ts'
import { writeToolFields } from './request-tools.ts'
import { strictSchema } from './schema.ts'
import { strictRoom } from './strict-limits.ts'
import { claudeTraits } from './traits.ts'
import { withoutRefusedBudget } from './unthought-turn.ts'
import { userIdOf } from './user-id.ts'
import type { ClaudeTraits } from './traits.ts'

/** Fields of OpenAI's that say nothing here, and are left out as well. */
const FOREIGN_HINTS = new Set<string>([
  'stream_options',
  'safety_identifier',
  'prompt_cache_retention',
  'prompt_cache_options',
  'prediction',
  'reasoning',
  'modalities',
  'include',
  'truncation',
  'client_metadata',
  ...THINKING_HINTS,
  ...OPENROUTER_HINTS,
])
/** Fields that are read by name. */
const READ = new Set(['thinking'])

/**
 * The body for `POST /v1/messages`.
 *
 * Fields in `extra` go along: a client of another protocol may add Anthropic's own, such as `container` or
 * `context_management`. One that Anthropic does not know is refused by it, by name.
 *
 * What has no place in Anthropic's format, and without which the answer is right, is left out: the seed and penalties of sampling, the
 * number of top log probabilities, the detail of images, names of speakers, verbosity, OpenAI's `metadata` and `store`, its cache key
 * (breakpoints say it here), its service tiers but `auto` and `default`, and text that is only white space. `temperature` above 1 is sent
 * as 1. Sampling is left out where the model has none or thinks, and `top_p` beside `temperature`, for Claude takes one of them. Reasoning
 * of another vendor, and reasoning without its proof, is not sent back.
 *
 * @throws {ChatError} 400 naming what Claude cannot do.
 */
export function encodeRequest(given: ChatRequest, options: AnthropicMessagesOptions): JsonObject {
  const known = withoutForeignOffers(given, ({ protocol }) => protocol === PROTOCOL)
  const { provider = 'Claude' } = options
  const chat = withoutForeignExtra(withSoundsInWords(known, provider), [PROTOCOL, 'openai-chat'], provider)
  const traits = (options.traits ?? claudeTraits)(chat.model)
  const own = chat.protocol === PROTOCOL
  const writing: Writing = { provider, own }
  refuse(chat, writing)
  const thread = chat.extra?.['thread'] ?? undefined
  if (options.threads === false && thread !== undefined) throw unsupportedField(writing.provider, 'thread')
  // What a client of this very format asks for is its own affair.
  const room = own ? { format: true, tools: true } : strictRoom(chat)
  const toolTraits = { ...traits, structured: traits.structured && room.tools }
  const formatTraits = { ...traits, structured: traits.structured && room.format }
  const { tools, tool_choice, forced } = writeToolFields(chat, toolTraits, writing)
  const { max_tokens, thinking, effort } = writeThinking(chat, traits, forced)
  const prefill = traits.prefill && thinking?.['type'] !== 'enabled'
  const { system, messages } = writeMessages(withFormat(chat, formatTraits), writing, { ...traits, prefill })
  // A thread that paused goes on with nothing to say.
  if (messages.length === 0 && thread === undefined)
    throw invalidRequest('`messages` says nothing: at least one must have content.', 'messages')
  const outputConfig = compact({
    effort,
    format: formatTraits.structured ? writeFormat(chat.responseFormat) : undefined,
  })
  const body: JsonObject = compact({
    model: chat.model,
    max_tokens,
    system: system.length > 0 ? system : undefined,
    messages,
    stream: chat.stream || undefined,
    tools,
    tool_choice,
    thinking,
    output_config: Object.keys(outputConfig).length > 0 ? outputConfig : undefined,
    stop_sequences: writeStop(chat.stop, writing),
    ...(own ? givenSampling(chat) : writeSampling(chat, traits, isThinking(thinking))),
    metadata: writeMetadata(chat, own),
    service_tier: writeServiceTier(chat.serviceTier),
  })
  const written = withExtra(body, extraOf(chat, own))
  const whole = withoutRefusedBudget(own ? written : withFewBreakpoints(written))
  return options.adapt ? options.adapt(whole) : whole
}

function refuse(chat: ChatRequest, { provider }: Writing): void {
  if (chat.n !== undefined && chat.n > 1) throw unsupported(provider, 'more than one choice (`n`)', 'n')
  if (chat.logprobs) throw unsupported(provider, '`logprobs`', 'logprobs')
  if (chat.logitBias && Object.keys(chat.logitBias).length > 0) {
    throw unsupported(provider, '`logit_bias`', 'logit_bias')
  }
  const { modalities, audio, moderation, web_search_options: search } = chat.extra ?? {}
  if (audio || (Array.isArray(modalities) && modalities.some((kind) => kind !== 'text'))) {
    throw unsupported(provider, 'audio output', 'modalities')
  }
  if (search) throw unsupported(provider, '`web_search_options`', 'web_search_options')
  if (moderation) throw unsupportedField(provider, 'moderation')
}

function extraOf({ extra }: ChatRequest, own: boolean): Extra | undefined {
  if (!extra) return undefined
  const kept = Object.entries(extra).filter(([name]) => !READ.has(name) && (own || !FOREIGN_HINTS.has(name)))
  return Object.fromEntries(kept)
}

/** The messages, with the format of the answer asked for in words where the model has no other way. */
function withFormat(chat: ChatRequest, traits: ClaudeTraits): ChatRequest['messages'] {
  const { responseFormat: format, messages } = chat
  const isHeld = traits.structured && format?.type === 'json_schema' && format.schema !== undefined
  const words = format && !isHeld ? formatInWords(format) : undefined
  return words === undefined ? messages : withSystemWords(messages, words)
}

function writeFormat(format: ResponseFormat | undefined): JsonObject | undefined {
  if (format?.type !== 'json_schema' || !format.schema) return undefined
  return { type: 'json_schema', schema: strictSchema(format.schema) }
}

function writeStop(stop: string[] | undefined, { provider }: Writing): string[] | undefined {
  const words = stop?.filter((sequence) => sequence !== '') ?? []
  if (words.some((sequence) => sequence.trim() === '')) {
    throw unsupported(provider, 'stop sequences of white space alone', 'stop')
  }
  return words.length > 0 ? words : undefined
}

function isThinking(thinking: JsonObject | undefined): boolean {
  return thinking !== undefined && thinking['type'] !== 'disabled'
}

/** What a client of this very format says is its own affair. */
function givenSampling({ temperature, topP, topK }: ChatRequest): JsonObject {
  return { temperature, top_p: topP, top_k: topK }
}

function writeSampling(chat: ChatRequest, traits: ClaudeTraits, thinking: boolean): JsonObject {
  const { temperature, topP, topK } = chat
  if (!traits.sampling) return {}
  // While it thinks, Claude takes none but `top_p`, from 0.95 on.
  if (thinking) return { top_p: topP !== undefined && topP >= 0.95 ? topP : undefined }
  return {
    temperature: temperature === undefined ? undefined : Math.min(Math.max(temperature, 0), 1),
    top_p: temperature === undefined ? topP : undefined,
    top_k: topK,
  }
}

function writeMetadata({ user, metadata }: ChatRequest, own: boolean): JsonObject | undefined {
  const known = compact({ user_id: user === undefined || own ? user : userIdOf(user) })
  const all = own ? withExtra(known, metadata) : known
  return Object.keys(all).length > 0 ? all : undefined
}

/** OpenAI's `auto` and `default` have their like here; the others it sells have not. */
function writeServiceTier(tier: string | undefined): string | undefined {
  if (tier === 'default') return 'standard_only'
  return tier === 'auto' || tier === 'standard_only' ? tier : undefined
}
