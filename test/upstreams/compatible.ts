import type { FakeProvider } from '../../src/testing/fake-server.ts'
import type { OpenAIChatDialect, WireObject } from './openai-chat.ts'
import { failureOf } from './openai-chat-failures.ts'
import { OPENAI_ALONE } from './openai-chat-check.ts'
import { messagesOf, startChatVendor } from './openai-vendor.ts'
import type { VendorAnswer } from './openai-vendor.ts'

/** A server that speaks OpenAI's Chat Completions with rules of its own. */
interface Rules {
  dialect: OpenAIChatDialect
  /** What it says is wrong with a request, besides what OpenAI does. */
  fault(body: WireObject): string | undefined
  /** Of such a request. Default: 400. */
  status?: number
  /** Its models, where it lists them. */
  list?: object[]
}

/** `reasoning_effort`, `none` included, is refused where a model does not have it. */
function effortFault(
  { model, reasoning_effort: effort }: WireObject,
  takes: (model: string) => string[],
): string | undefined {
  if (effort === undefined || takes(model).includes(effort)) return undefined
  return `reasoning_effort: '${effort}' is not supported with this model`
}

const LEVELS = ['low', 'medium', 'high']

/** What of OpenAI's fields Mistral's request has not: mistralai/client-python src/mistralai/models/chatcompletionrequest.py. */
const MISTRAL_LACKS = [
  'max_completion_tokens',
  'seed',
  'user',
  'stream_options',
  'logit_bias',
  'logprobs',
  'top_logprobs',
]

/** The sources of what each refuses are those of src/plugins/openai-compatible. */
const RULES = {
  groq: {
    dialect: { lacks: OPENAI_ALONE },
    list: [
      { id: 'moonshotai/kimi-k2-instruct', object: 'model', created: 1_780_000_000, max_completion_tokens: 16_384 },
    ],
    fault: (body) =>
      listFault(body) ??
      (body.max_tokens > 16_384 && body.model === 'moonshotai/kimi-k2-instruct'
        ? '`max_tokens` must be less than or equal to `16384`'
        : undefined) ??
      effortFault(body, (model) =>
        model.includes('gpt-oss') ? LEVELS : model.includes('qwen') ? ['none', 'default'] : [],
      ),
  },
  xai: {
    dialect: { lenient: true },
    fault: (body) =>
      effortFault(body, (model) =>
        /grok-(?:4\.[3-9]|5)/.test(model) ? ['none', ...LEVELS] : /grok-3-mini|multi-agent/.test(model) ? LEVELS : [],
      ),
  },
  ollama: {
    dialect: { lenient: true },
    fault: (body) => effortFault(body, (model) => (model.startsWith('gpt-oss') ? LEVELS : ['none'])),
  },
  /** One that nothing is known of: LM Studio and SGLang together. */
  unknown: {
    dialect: { lenient: true },
    fault: (body) =>
      typeof body.tool_choice === 'object'
        ? "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"
        : effortFault(body, () => LEVELS),
  },
  azure: {
    dialect: {},
    fault: (body) =>
      body.max_tokens !== undefined && /^(?:o\d|gpt-[5-9])/.test(body.model)
        ? "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        : effortFault(body, (model) =>
            /^(?:o\d|gpt-[5-9])/.test(model) ? ['none', 'minimal', ...LEVELS, 'xhigh', 'max'] : [],
          ),
  },
  llamacpp: { dialect: { lenient: true }, fault: grammarFault },
  openrouter: {
    dialect: { lenient: true, reasoning: 'reasoning_details', reasoningFormat: 'google-gemini-v1' },
    fault: openRouterFault,
  },
  deepseek: {
    dialect: { lenient: true, reasoning: 'reasoning_content' },
    fault: deepSeekFault,
  },
  /** A gateway in front of DeepSeek, or of Xiaomi's MiMo, which says the same. */
  gateway: {
    dialect: { lenient: true, reasoning: 'reasoning_content' },
    fault: (body) => (/deepseek|mimo/i.test(body.model) ? reasoningFault(body) : undefined),
  },
  mistral: {
    dialect: {
      lacks: [...OPENAI_ALONE.filter((name) => name !== 'prompt_cache_key'), ...MISTRAL_LACKS],
      fields: ['random_seed'],
    },
    fault: (body) =>
      mistralFault(body) ??
      effortFault(body, (model) => (/mistral-small-(?:latest|26)/.test(model) ? ['none', 'high'] : [])),
    status: 422,
  },
  vllm: {
    dialect: { lenient: true },
    fault: (body) => (isMistral(body) ? mistralFault(body) : roomFault(body)) ?? turnsFault(body),
    list: [{ id: 'Qwen3-8B', object: 'model', created: 1_780_000_000, owned_by: 'vllm', max_model_len: 32_768 }],
  },
} satisfies Record<string, Rules>

export type CompatibleServer = keyof typeof RULES

/** Where the server is found in truth. */
export const BASE_URLS: Record<CompatibleServer, string> = {
  groq: 'https://api.groq.com/openai/v1',
  xai: 'https://api.x.ai/v1',
  ollama: 'http://localhost:11434/v1',
  unknown: 'http://localhost:1234/v1',
  azure: 'https://mine.openai.azure.com/openai/v1',
  llamacpp: 'http://localhost:8080/v1',
  openrouter: 'https://openrouter.ai/api/v1',
  deepseek: 'https://api.deepseek.com/v1',
  gateway: 'https://gateway.example/v1',
  mistral: 'https://api.mistral.ai/v1',
  vllm: 'http://localhost:8000/v1',
}

export async function startCompatible(server: CompatibleServer): Promise<FakeProvider> {
  const { dialect, fault, status = 400, list }: Rules = RULES[server]
  const invalid = (message: string): VendorAnswer => ({
    status,
    body: { error: { message, type: 'invalid_request_error' } },
  })
  return await startChatVendor({
    path: '/v1',
    dialect,
    authorize: () => undefined,
    check(body) {
      const message = fault(body)
      return message === undefined ? undefined : invalid(message)
    },
    invalid,
    failure(failure, model) {
      const { status: of, error } = failureOf(failure, model)
      return { status: of, body: { error } }
    },
    ...(list && { list: { object: 'list', data: list } }),
    headers: () => ({}),
  })
}

/** Texts in a list. */
function listFault(body: WireObject): string | undefined {
  const at = messagesOf(body).findIndex(({ role, content }) => role !== 'user' && Array.isArray(content))
  const role = messagesOf(body)[at]?.role as string | undefined
  return role === undefined
    ? undefined
    : `'messages.${at}' : for 'role:${role}' the following must be satisfied[('messages.${at}.content' : value must be a string)]`
}

/** What DeepSeek refuses while it thinks, and at all times. */
function deepSeekFault(body: WireObject): string | undefined {
  const { response_format: format, tool_choice: choice } = body
  if (format?.type === 'json_schema') return 'This response_format type is unavailable now'
  // https://api-docs.deepseek.com/guides/json_mode: the prompt must have the word.
  if (format?.type === 'json_object' && !/json/i.test(JSON.stringify(body.messages)))
    return "Prompt must contain the word 'json'"
  if (body.thinking?.type === 'disabled') return undefined
  if (choice !== undefined && choice !== 'auto' && choice !== 'none')
    return 'Thinking mode does not support this tool_choice'
  return reasoningFault(body)
}

function reasoningFault(body: WireObject): string | undefined {
  return messagesOf(body).some(({ role, reasoning_content: text }) => role === 'assistant' && typeof text !== 'string')
    ? 'The `reasoning_content` in the thinking mode must be passed back to the API.'
    : undefined
}

/** What Mistral's tokenizer finds wrong with the messages. */
function mistralFault(body: WireObject): string | undefined {
  const messages = messagesOf(body)
  for (const [index, { role, content, tool_calls: calls = [], tool_call_id: of }] of messages.entries()) {
    if (role === 'user' && messages[index - 1]?.role === 'tool') return "Unexpected role 'user' after role 'tool'"
    if (role === 'assistant' && !content && calls.length === 0) {
      return 'Assistant message must have either content or tool_calls, but not none.'
    }
    const ids = [...(calls as WireObject[]).map(({ id }) => id as string), ...(of === undefined ? [] : [of as string])]
    const wrong = ids.find((id) => !/^[a-zA-Z0-9]{9}$/.test(id))
    if (wrong !== undefined) return `Tool call id was ${wrong} but must be a-z, A-Z, 0-9, with a length of 9.`
  }
  return undefined
}

/** What llama.cpp cannot make a grammar of. */
function grammarFault({ tools = [] }: WireObject): string | undefined {
  const text = JSON.stringify(tools)
  if (/"pattern":"(?!\^)/.test(text))
    return "JSON schema conversion failed: Pattern must start with '^' and end with '$'"
  return /"max(?:Length|Items)":\d{4,}|"pattern":"[^"]*\\\\[dwsS]/.test(text)
    ? 'Failed to initialize samplers: failed to parse grammar'
    : undefined
}

/** What the vendors behind OpenRouter refuse of the reasoning in a conversation. */
function openRouterFault(body: WireObject): string | undefined {
  if (body.reasoning_effort === 'none' && /^(?:google|minimax)\//.test(body.model)) {
    return 'Reasoning is mandatory for this endpoint and cannot be disabled.'
  }
  for (const { tool_calls: calls, reasoning_details: details = [] } of messagesOf(body)) {
    const proofs = (details as WireObject[]).map(({ signature, data }) => (signature ?? data) as unknown)
    if (body.model.startsWith('google/') && calls !== undefined && !proofs.some((proof) => typeof proof === 'string')) {
      return 'Gemini models require OpenRouter reasoning details to be preserved in each request.'
    }
    if (body.model.startsWith('anthropic/') && proofs.includes(undefined))
      return 'Invalid `signature` in `thinking` block'
  }
  return undefined
}

function isMistral({ model }: WireObject): boolean {
  return /(?:mis|minis|devs)tral/i.test(model)
}

/** Whether the answer has room beside the prompt, by an estimate of this fake's own. */
function roomFault({ max_tokens: most, messages, tools }: WireObject): string | undefined {
  const input = Math.ceil(JSON.stringify([messages, tools]).length / 4)
  if (most === undefined || most + input <= 32_768) return undefined
  return (
    `'max_tokens' or 'max_completion_tokens' is too large: ${most}. This model's maximum context length is 32768 tokens and your request ` +
    `has ${input} input tokens (${most} > 32768 - ${input}).`
  )
}

/** What the chat templates of Mistral's and Google's open models raise. */
function turnsFault(body: WireObject): string | undefined {
  if (!/tral|gemma/i.test(body.model)) return undefined
  const turns = messagesOf(body).filter(({ role, tool_calls: calls }) => {
    return role === 'user' || (role === 'assistant' && calls === undefined)
  })
  return turns.every(({ role }, index) => (role === 'user') === (index % 2 === 0))
    ? undefined
    : 'After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.'
}
