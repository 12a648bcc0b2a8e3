import type { ChatRequest, Extra } from '../../chat/index.ts'
import type { Translator } from '../../translator/translator.ts'
import { isObject, objects } from '../json.ts'
import { OPENROUTER_HINTS } from './openrouter-hints.ts'
import { AUTO, THINKING_HINTS } from './reasoning-options.ts'

/*
 * Clients send a whole answer back as they got it, whoever gave it, and ask another model next. OpenAI refuses what other servers have
 * in a message besides: "Unknown parameter: 'messages[1].reasoning_content'.", and the same within its calls. A call's `index` it takes.
 * Nor does it take how to think in other words than its own.
 */

/**
 * Reasoning and images as byok's own answers have them, DeepSeek's, vLLM's and OpenRouter's; what LiteLLM adds (BerriAI/litellm pull
 * request 20334: sent to others with the history).
 */
const IN_MESSAGES = [
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'images',
  'thinking_blocks',
  'provider_specific_fields',
]

/** Reasoning among the words of a message (`decode-content.ts`). */
const IN_CONTENT = ['thinking', 'redacted_thinking', 'reasoning']

/** Gemini's proofs, as Google's own endpoint has them (Kilo-Org/kilocode pull request 5267) and as LiteLLM has. */
const IN_CALLS = ['extra_content', 'provider_specific_fields']

/**
 * What clients say of thinking to others (`reasoning-options.ts`, which reads it), and to OpenRouter: Roo Code and Kilo Code have a provider
 * of that name whose URL may be any (RooCodeInc/Roo-Code issues 673 and 11150).
 */
const IN_REQUESTS = ['reasoning', 'thinking', 'extra_body', ...THINKING_HINTS, ...OPENROUTER_HINTS]

/**
 * Chat Completions without those: a request that has some is translated, and not told of them.
 *
 * @param marks Fields of messages, whoever's, that the server does not take either and decoding reads. Default: none.
 */
export function withoutEchoes(chat: Translator, marks: readonly string[] = []): Translator {
  return {
    ...chat,
    passes: (body, model) => !hasEchoes(body, marks) && (chat.passes?.(body, model) ?? true),
    request: (request) => chat.request(stripped(request)),
  }
}

function hasEchoes(body: Record<string, unknown>, marks: readonly string[]): boolean {
  const { messages, reasoning_effort: effort } = body
  if (effort === AUTO || has(body, IN_REQUESTS)) return true
  if (!Array.isArray(messages)) return false
  return messages.some((message: unknown) => {
    if (!isObject(message)) return false
    if (has(message, marks)) return true
    if (message['role'] !== 'assistant') return false
    const thinks = objects(message['content']).some(({ type }) => IN_CONTENT.includes(String(type)))
    return thinks || has(message, IN_MESSAGES) || objects(message['tool_calls']).some((call) => has(call, IN_CALLS))
  })
}

function has(object: Record<string, unknown>, names: readonly string[]): boolean {
  return names.some((name) => name in object)
}

function stripped(request: ChatRequest): ChatRequest {
  const messages = request.messages.map((message) => {
    if (message.role !== 'assistant') return message
    const content = message.content.map((part) => (part.type === 'tool-call' ? without(part, IN_CALLS) : part))
    return without({ ...message, content }, IN_MESSAGES)
  })
  return without({ ...request, messages }, IN_REQUESTS)
}

function without<T extends { extra?: Extra }>(holder: T, names: readonly string[]): T {
  const { extra } = holder
  if (!extra || !has(extra, names)) return holder
  const left = { ...extra }
  for (const name of names) delete left[name]
  return { ...holder, extra: left }
}
