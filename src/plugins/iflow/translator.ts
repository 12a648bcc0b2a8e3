import { ChatError, openaiChat } from '../../index.ts'
import type { ChatRequest, Translator } from '../../index.ts'
import { parseJson } from '../../kit.ts'
import { readError, statusOfAnswer } from './error.ts'

/**
 * OpenAI's Chat Completions as iFlow has it.
 *
 * - Thinking is switched in each model family's own way, and reasoning is taken back in `reasoning_content`.
 * - Its Qwen models take one system message, the first, as Qwen's templates do ("System message must be at the beginning": crush issue
 *   3050; QwenLM/Qwen issue 956).
 * - No source tells that it knows OpenAI's hints or `allowed_tools`, so they are not sent.
 * - Errors come as `{ status, msg }` in an answer with HTTP status 200.
 */
const base = openaiChat({
  format: 'iflow-chat',
  provider: 'iFlow',
  reasoningField: 'reasoning_content',
  // Written by `adapt`, which knows the model.
  reasoning: () => ({}),
  maxTokens: 'max_tokens',
  developerRole: 'system',
  freeText: 'functions',
  systemMessages: 'first',
  allowedTools: 'fewer',
  hints: [],
  refuses: ['files', 'audio', 'web_search'],
  adapt: (body, chat) => ({ ...body, ...writeThinking(chat) }),
  error: readError,
})

export const translator: Translator = {
  ...base,
  answer(body, chat) {
    refuseFailure(body)
    return base.answer?.(body, chat) ?? []
  },
  events(chat) {
    const decoder = base.events(chat)
    return {
      push(frame) {
        if (frame.data.includes('"status"')) refuseFailure(parseJson(frame.data))
        return decoder.push(frame)
      },
      end: () => decoder.end(),
    }
  },
}

/** @throws {ChatError} where an answer with status 200 is none. */
function refuseFailure(body: unknown): void {
  if (statusOfAnswer(body) === undefined) return
  const {
    message = 'refused the request without a reason',
    status = 502,
    ...rest
  } = readError(body, 200, new Headers()) ?? {}
  throw new ChatError(`iFlow: ${message}`, { ...rest, status, provider: 'iflow', upstreamStatus: 200 })
}

/**
 * Families that can think or not, and how each is told; the rest always do as they were trained.
 *
 * Source: router-for-me/CLIProxyAPI, internal/thinking/provider/iflow/apply.go.
 */
function writeThinking({ model, reasoning, extra }: ChatRequest): Record<string, unknown> {
  if (!reasoning) return {}
  const { effort, budgetTokens } = reasoning
  const on = effort === undefined ? budgetTokens !== 0 : effort !== 'none'
  if (/^minimax/i.test(model)) return { reasoning_split: on }
  const glm = /^glm/i.test(model)
  if (!glm && !/^(qwen3-max-preview|deepseek-v3\.[12])$/i.test(model)) return {}
  // `clear_thinking` would drop the reasoning of earlier turns that is sent back. Only GLM's template knows it.
  const own = extra?.['chat_template_kwargs']
  const kept = typeof own === 'object' && own !== null ? own : {}
  return { chat_template_kwargs: { enable_thinking: on, ...(glm && on && { clear_thinking: false }), ...kept } }
}
