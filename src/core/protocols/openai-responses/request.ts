import {
  maxOutputTokens,
  unsupported,
  withoutExtraWithin,
  withoutForeignExtra,
  withoutForeignOffers,
  withSoundsInWords,
} from '../../chat/index.ts'
import type { ChatRequest, Extra } from '../../chat/index.ts'
import { asWritten } from './compaction.ts'
import { effortOf } from '../openai-chat/effort.ts'
import { compact, isObject, withExtra } from '../json.ts'
import { OPENROUTER_HINTS } from '../openai-chat/openrouter-hints.ts'
import { THINKING_HINTS } from '../openai-chat/reasoning-options.ts'
import type { JsonObject } from '../json.ts'
import { tierOf } from '../openai-chat/service-tier.ts'
import { userOf } from '../openai-chat/user.ts'
import { jsonUnnamed } from '../json-named.ts'
import { withOwnStrictness } from '../schema/openai-strict.ts'
import type { OpenAIResponsesOptions } from './options.ts'
import { asInstructions, writeInput } from './request-input.ts'
import { isOwnTool, writeResponseFormat, writeToolChoice, writeTools } from './request-tools.ts'
import { isKept, kept } from './wire.ts'

/** Fields of Chat Completions that say what is so here anyway, or are hints. */
const CHAT_ONLY = new Set(['prediction', 'stream_options'])

/**
 * Hints of others that its clients send besides. `thinking` in a form that the neutral model has no word for is
 * Anthropic's, as clients send it with Claude's name or everyone's (router-for-me/CLIProxyAPI issue 1155, danny-avila/LibreChat issue
 * 13925); what is left of a chat's `reasoning` is OpenRouter's.
 */
const FOREIGN_HINTS = new Set<string>([
  'thinking',
  'output_config',
  'reasoning',
  ...THINKING_HINTS,
  ...OPENROUTER_HINTS,
])

/**
 * The body for `POST /responses` (openai-node `ResponseCreateParams`).
 *
 * What has no place in this format, and without which the answer is right, is left out: a seed (OpenAI calls it best effort), `top_k`,
 * cache breakpoints (OpenAI caches by itself), the names of message authors, whether a tool's result was an error (its text says so), a
 * predicted output, reasoning that carries no proof of OpenAI's, sampling where the model reasons, and how hard to think where it does not.
 *
 * @throws {ChatError} 400 naming what the format has no word for.
 */
export function encodeRequest(given: ChatRequest, options: OpenAIResponsesOptions): JsonObject {
  const provider = options.provider ?? "OpenAI's Responses API"
  const known = withoutForeignExtra(
    withoutForeignOffers(withSoundsInWords(asWritten(given), provider), isOwnTool),
    ['openai-responses', 'openai-chat'],
    provider,
  )
  // Clients of Chat Completions send back what the answers of other servers had besides, which OpenAI refuses in an item: a call's `index`
  // in the stream, `extra_content` (Kilo-Org/kilocode pull request 5267), `provider_specific_fields` (BerriAI/litellm pull request 20334).
  const own = known.protocol === 'openai-chat' ? withoutExtraWithin(known, provider) : withOwnStrictness(known)
  const chat = withJsonNamed(own, options)
  refuseWhatIsMissing(chat, provider)
  const wire = chat.extra ? kept(chat) : {}
  const fromResponses = isKept(chat)
  const { instructions, input } = writeInput(chat, options, provider)
  const { tools = [] } = chat
  const written = writeTools(tools, provider)
  const body: JsonObject = compact({
    model: chat.model,
    instructions,
    input,
    stream: chat.stream || undefined,
    // Chat Completions keeps nothing unless asked; here the default is to keep.
    store: chat.store ?? (fromResponses ? undefined : false),
    tools: written.length > 0 ? written : undefined,
    tool_choice: chat.toolChoice && (tools.length > 0 || !fromResponses) ? choiceOf(chat) : undefined,
    parallel_tool_calls: tools.length > 0 || fromResponses ? chat.parallelToolCalls : undefined,
    text: writeText(chat),
    reasoning: writeReasoning(chat, options),
    include: includeOf(chat, options, wire['include']),
    max_output_tokens: limitOf(chat),
    ...writeSampling(chat, options),
    top_logprobs: chat.topLogprobs,
    metadata: chat.metadata,
    user: userOf(chat.user),
    service_tier: tierOf(chat.serviceTier),
    prompt_cache_key: chat.promptCacheKey,
  })
  const { include: _, compaction: __, updated: ___, ...hints } = wire
  const whole = withExtra(withExtra(body, extraOf(chat)), hints)
  return options.adapt ? options.adapt(whole, chat) : whole
}

/** At the end: it is the input that must have the word, and what leads it goes to `instructions`. */
function withJsonNamed(chat: ChatRequest, options: OpenAIResponsesOptions): ChatRequest {
  const text = jsonUnnamed(chat, asInstructions(chat.messages, options))
  if (text === undefined) return chat
  return { ...chat, messages: [...chat.messages, { role: 'developer', content: [{ type: 'text', text }] }] }
}

function refuseWhatIsMissing(chat: ChatRequest, provider: string): void {
  const { n, stop, logitBias, frequencyPenalty, presencePenalty, extra } = chat
  if (n !== undefined && n > 1) throw unsupported(provider, 'more than one choice (`n`)', 'n')
  if (stop && stop.length > 0) throw unsupported(provider, 'stop sequences (`stop`)', 'stop')
  if (logitBias && Object.keys(logitBias).length > 0) throw unsupported(provider, '`logit_bias`', 'logit_bias')
  if (frequencyPenalty) throw unsupported(provider, '`frequency_penalty`', 'frequency_penalty')
  if (presencePenalty) throw unsupported(provider, '`presence_penalty`', 'presence_penalty')
  const modalities: unknown = extra?.['modalities']
  if (isObject(extra?.['audio']) || (Array.isArray(modalities) && modalities.some((kind) => kind !== 'text'))) {
    throw unsupported(provider, 'audio output (`modalities`, `audio`)', 'modalities')
  }
}

/** The least limit OpenAI takes; below it, it refuses: "Expected a value >= 16". */
const LEAST_OUTPUT = 16

function limitOf(chat: ChatRequest): number | undefined {
  const limit = maxOutputTokens(chat)
  return limit === undefined ? undefined : Math.max(limit, LEAST_OUTPUT)
}

function choiceOf({ toolChoice, tools = [] }: ChatRequest): unknown {
  if (!toolChoice) return undefined
  // Without tools `auto` and `none` say nothing.
  if (tools.length === 0 && (toolChoice.type === 'auto' || toolChoice.type === 'none')) return undefined
  return writeToolChoice(toolChoice, tools)
}

function writeText({ responseFormat, verbosity }: ChatRequest): JsonObject | undefined {
  if (!responseFormat && verbosity === undefined) return undefined
  return compact({ format: responseFormat && writeResponseFormat(responseFormat), verbosity })
}

/** A model refuses sampling while it reasons, and clients of other vendors send it unasked. What a client of this format says is its own affair. */
function writeSampling(chat: ChatRequest, options: OpenAIResponsesOptions): JsonObject {
  if (!isKept(chat) && modelReasons(chat, options) && chat.reasoning?.effort !== 'none') return {}
  return { temperature: chat.temperature, top_p: chat.topP }
}

/** How hard to think says nothing to a model that does not, and is refused. */
function writeReasoning(chat: ChatRequest, options: OpenAIResponsesOptions): JsonObject | undefined {
  const { reasoning } = chat
  if (!reasoning || (!isKept(chat) && !modelReasons(chat, options))) return undefined
  const written = compact({ effort: effortOf(reasoning), summary: reasoning.summary })
  return Object.keys(written).length > 0 ? written : undefined
}

/**
 * Reasoning is asked for in its encrypted form, or it could not be given back on the next turn. Models that do not reason
 * refuse that.
 */
function includeOf(chat: ChatRequest, options: OpenAIResponsesOptions, asked: unknown): string[] | undefined {
  const include = new Set<string>(Array.isArray(asked) ? (asked as string[]) : [])
  if (!isKept(chat) && modelReasons(chat, options)) include.add('reasoning.encrypted_content')
  if (chat.logprobs) include.add('message.output_text.logprobs')
  return include.size > 0 ? [...include] : undefined
}

function modelReasons({ model }: ChatRequest, options: OpenAIResponsesOptions): boolean {
  return (options.reasons ?? reasons)(model)
}

function reasons(model: string): boolean {
  return !/^(?:chatgpt-4|gpt-[34])/.test(model)
}

function extraOf({ protocol, extra }: ChatRequest): Extra | undefined {
  if (!extra) return undefined
  const isChat = protocol === 'openai-chat'
  const entries = Object.entries(extra).filter(([name, value]) => {
    if (name === 'modalities' || value === null || value === undefined) return false
    return !CHAT_ONLY.has(name) && !(isChat && FOREIGN_HINTS.has(name))
  })
  const named = Object.fromEntries(entries)
  const format = named['response_format']
  if (isObject(format)) {
    delete named['response_format']
    return { ...named, text: { format: isObject(format['json_schema']) ? format['json_schema'] : format } }
  }
  return named
}
