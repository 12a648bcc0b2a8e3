import { openaiChat, openaiResponses, unsupported } from '../../index.ts'
import type { ChatRequest, Translator, TranslatorPick, UpstreamErrorInfo } from '../../index.ts'
import {
  belongsToResponses,
  CACHE_MARK,
  conversationOf,
  isObject,
  mostOpenAIStops,
  isWebSearch,
  openaiSearch,
  readOpenAIError,
  withLeastReasoning,
  withoutEchoes,
  withoutEmptyPages,
  withoutReasoningTools,
  withOwnStops,
  withWebSearch,
} from '../../kit.ts'
import { alwaysReasonsWithLogin, needsResponses } from './models.ts'

/**
 * What ChatGPT's backend refuses with `Unsupported parameter: …` and is left out, because the answer is right without it:
 * the model's own sampling and limit apply, as they do in Codex, and the rest says who asks or how to cache.
 *
 * Sources: router-for-me/CLIProxyAPI internal/translator/codex/openai/responses/codex_openai-responses_request.go and
 * internal/runtime/executor/codex_executor_execute.go; AprilNEA/BYOKEY pull request 69; BerriAI/litellm pull request 21209.
 */
const HINTS_LEFT_OUT = [
  'max_output_tokens',
  'temperature',
  'top_p',
  'metadata',
  'user',
  'safety_identifier',
  'truncation',
  'prompt_cache_options',
  'prompt_cache_retention',
  'stream_options',
  'context_management',
] as const

/**
 * The tiers that ChatGPT's backend takes, by the words clients have for them. `fast` is what OpenAI's API calls `priority` by now, and
 * the backend refuses it: "Unsupported service_tier: fast". What it does not take is left out: it says how soon to answer.
 *
 * Sources: Soju06/codex-lb issue 163, and openai/codex codex-rs/protocol/src/config_types.rs `ServiceTier::request_value` as
 * router-for-me/CLIProxyAPI issue 3411 quotes it (`fast`); Wei-Shaw/sub2api pull request 6571, lidge-jun/opencodex issue 3429 (`ultrafast`).
 */
const TIERS = new Map([
  ['priority', 'priority'],
  ['fast', 'priority'],
  ['ultrafast', 'ultrafast'],
])

const CHATGPT = 'The ChatGPT login'

/**
 * The body as ChatGPT's backend takes it: a stream that is not stored, and nothing it refuses. What has no name by which its turns are led to
 * the same cache gets one: without, a conversation of Claude Code's found 38 % of them cached, and with it 93 % (sbluemin/fleet-harness
 * pull request 839; juspay/neurolink pull request 1766). So does what has one that is refused.
 */
function adapt(body: Record<string, unknown>, chat: ChatRequest): Record<string, unknown> {
  // Left out, these would make another answer than the one asked for.
  for (const name of ['previous_response_id', 'conversation', 'prompt', 'moderation']) {
    if (body[name] !== undefined) throw unsupported(CHATGPT, `\`${name}\``, name)
  }
  if (body['background'] === true) throw unsupported(CHATGPT, '`background`', 'background')
  if (chat.logprobs || body['top_logprobs'] !== undefined) throw unsupported(CHATGPT, '`logprobs`', 'logprobs')
  const adapted: Record<string, unknown> = {
    // "Instructions are required", if without a word.
    instructions: '',
    ...body,
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
  }
  for (const name of HINTS_LEFT_OUT) delete adapted[name]
  delete adapted['background']
  const { service_tier: tier } = adapted
  delete adapted['service_tier']
  if (typeof tier === 'string' && TIERS.has(tier)) adapted['service_tier'] = TIERS.get(tier)
  if (!isCacheKey(adapted['prompt_cache_key'])) adapted['prompt_cache_key'] = conversationOf({ ...chat }).key
  adapted['input'] = mapped(adapted['input'], withoutBreakpoints)
  if ('tools' in adapted) adapted['tools'] = mapped(adapted['tools'], currentName)
  if ('tool_choice' in adapted) adapted['tool_choice'] = currentNames(adapted['tool_choice'])
  return adapted
}

/**
 * An item whose parts have no `prompt_cache_breakpoint`, a hint how to cache: "prompt_cache_breakpoint is not supported on this
 * model". Source: CLIProxyAPI, the file named above, `stripCodexResponsesCacheBreakpoints`.
 */
function withoutBreakpoints(item: unknown): unknown {
  if (!isObject(item)) return item
  const stripped = { ...item }
  for (const name of ['content', 'output']) if (name in item) stripped[name] = mapped(item[name], withoutBreakpoint)
  return stripped
}

function withoutBreakpoint(part: unknown): unknown {
  if (!isObject(part)) return part
  const { prompt_cache_breakpoint: _, ...rest } = part
  return rest
}

/** Web search has lost its `preview`: CLIProxyAPI, the file named above, `normalizeCodexBuiltinTools`. */
function currentName(tool: unknown): unknown {
  return isObject(tool) && typeof tool['type'] === 'string' && tool['type'].startsWith('web_search_preview')
    ? { ...tool, type: 'web_search' }
    : tool
}

/** A choice of a tool, or of some (`allowed_tools`). */
function currentNames(choice: unknown): unknown {
  const named = currentName(choice)
  return isObject(named) && 'tools' in named ? { ...named, tools: mapped(named['tools'], currentName) } : named
}

function mapped(list: unknown, change: (entry: unknown) => unknown): unknown {
  return Array.isArray(list) ? list.map(change) : list
}

/**
 * What a login is told of a model that it cannot use, in `detail` or as a plain error: those retired for logins, and those of
 * another plan. Other accounts may have it (Soju06/codex-lb issue 608).
 *
 * Sources: openai/codex issues 26053 (`detail`) and 17642 (the error).
 */
const NOT_WITH_LOGIN = /is not supported when using Codex with a ChatGPT account/

/**
 * What is said where a model is for new Codex alone, by the version that a client names. byok names itself, so there is no version
 * to upgrade; a key may have the model. Sources: openai/codex issue 31826 (`detail`), openai/codex-plugin-cc issue 561.
 */
const FOR_NEWER_CODEX = /requires a newer version of Codex/
const NOT_FOR_BYOK = 'ChatGPT keeps this model to its own Codex: use an OpenAI API key for it, or another model.'

const USED_UP = ['usage_limit_reached', 'usage_not_included'] as const

/**
 * ChatGPT's own errors: `{ error: { type: 'usage_limit_reached', message, plan_type, resets_at, resets_in_seconds } }` where a
 * plan is used up. Within a stream the word is its `code`.
 *
 * Sources: openai/codex codex-rs/codex-api/src/api_bridge.rs and src/sse/responses.rs `is_usage_not_included`; CLIProxyAPI
 * internal/runtime/executor/codex_executor_retry_test.go (which of the two times counts).
 */
export function readChatGptError(body: unknown, now = Date.now()): UpstreamErrorInfo | undefined {
  const { message: said } = readOpenAIError(body) ?? {}
  const newer = said !== undefined && FOR_NEWER_CODEX.test(said)
  if (newer || (said !== undefined && NOT_WITH_LOGIN.test(said))) {
    const message = newer ? `${said} ${NOT_FOR_BYOK}` : said
    return { message, status: 403, type: 'permission_error', code: 'model_not_supported', param: 'model' }
  }
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined
  const { error } = body
  if (typeof error !== 'object' || error === null) return undefined
  const words = ['type' in error && error.type, 'code' in error && error.code]
  const word = USED_UP.find((one) => words.includes(one))
  if (word === undefined) return undefined
  const message =
    'message' in error && typeof error.message === 'string' ? error.message : 'The usage limit is reached.'
  const retryAfter = secondsToReset(error, now)
  return {
    message,
    status: 429,
    type: word === 'usage_limit_reached' ? 'rate_limit_error' : 'insufficient_quota',
    code: word,
    ...(retryAfter !== undefined && { retryAfter }),
  }
}

/** `resets_at` in Unix seconds where it is still to come, else `resets_in_seconds`. */
function secondsToReset(error: object, now: number): number | undefined {
  const at = 'resets_at' in error && typeof error.resets_at === 'number' ? error.resets_at : 0
  const left = at - now / 1000
  if (left > 0) return left
  const seconds = 'resets_in_seconds' in error ? error.resets_in_seconds : undefined
  return typeof seconds === 'number' && seconds > 0 ? seconds : undefined
}

/**
 * The models that Chat Completions itself has for `web_search_options`: "only dedicated search models" (docs.litellm.ai/docs/completion/web_search).
 * Responses does not have them (developers.openai.com/api/docs/guides/tools-web-search).
 */
const SEARCH_MODEL = /-search-(?:api|preview)/

/** OpenAI's models that reason take sampling only at its default (https://platform.openai.com/docs/guides/latest-model). */
const chat = forClaudeCode(
  withoutEchoes(
    withoutReasoningTools(
      searchingElsewhere(
        openaiChat({ provider: 'OpenAI', reasons: (model) => !/^(?:chatgpt-4|gpt-[34])/.test(model) }),
      ),
    ),
    [CACHE_MARK],
  ),
  mostOpenAIStops,
)
const responses = withWebSearch(
  forClaudeCode(withLeastReasoning(openaiResponses({ provider: 'OpenAI' }))),
  openaiSearch,
)

/** Chat Completions, for models that search in Responses alone: a client's request for a search does not pass through. */
function searchingElsewhere(translator: Translator): Translator {
  return {
    ...translator,
    passes: (body, model) =>
      (!body['web_search_options'] || SEARCH_MODEL.test(model)) && (translator.passes?.(body, model) ?? true),
  }
}

/** What Claude Code needs of an answer that these models do not give. */
function forClaudeCode(translator: Translator, mostStops?: (model: string) => number): Translator {
  return withoutEmptyPages(withOwnStops(translator, mostStops))
}

/**
 * "Expected a string with maximum length 64" of more, which clients send whose names of conversations are made of several
 * (NousResearch/hermes-agent pull request 24273, earendil-works/pi issue 4720); and a header has to bear it too.
 */
function isCacheKey(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e]{1,64}$/.test(value)
}

/** ChatGPT's backend: Responses, with the limits of what Codex itself sends. */
const chatGptWith = (system: 'input' | 'instructions') =>
  withWebSearch(
    forClaudeCode(
      withLeastReasoning(
        openaiResponses({
          format: 'chatgpt-responses',
          provider: CHATGPT,
          system,
          systemRole: 'developer',
          streamOnly: true,
          stores: false,
          reasons: () => true,
          error: (body) => readChatGptError(body),
          adapt,
        }),
        alwaysReasonsWithLogin,
      ),
    ),
    openaiSearch,
  )

export const chatGpt = chatGptWith('instructions')
const chatGptByInput = chatGptWith('input')

/**
 * From GPT-6.2 on, what is in `instructions` comes after all else, for the request alone, and is never cached: a system prompt belongs at
 * the beginning of `input` (developers.openai.com/api/docs/guides/latest-model/gpt-6.2-astra, …/keep-prefix-unchanged; anomalyco/opencode
 * release v2.3.2, of ChatGPT's sign-in).
 */
const INSTRUCTIONS_LAST = /^gpt-(?:6\.(?:[2-9]|\d\d)|[7-9]|\d\d)/

/** A login speaks to ChatGPT's backend; a key to OpenAI's API, in the client's format where the model takes the request in it. */
export const pickTranslator: TranslatorPick = ({ model, credential, protocol, chat: request }) => {
  if (credential.kind === 'oauth') return INSTRUCTIONS_LAST.test(model) ? chatGptByInput : chatGpt
  if (protocol === responses.format || needsResponses(model)) return responses
  if (isWebSearch(request, openaiSearch) && !(protocol === chat.format && SEARCH_MODEL.test(model))) return responses
  return request && belongsToResponses(model, request) ? responses : chat
}
