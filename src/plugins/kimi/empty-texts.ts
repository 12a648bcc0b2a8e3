import type { JsonObject } from '../../kit.ts'

/** What a user or a tool says who said nothing: their turn cannot be left out. */
const NOTHING = '(empty)'

/**
 * The messages without texts that say nothing, which Kimi refuses: "the message at position N with role 'assistant' must not be empty"
 * and "text content is empty". An agent whose model was once cut off before its first word could not go on.
 *
 * As MoonshotAI/kimi-cli does, packages/kosong/src/kosong/chat_provider/kimi.py `_convert_message`, and CLIProxyAPI,
 * internal/runtime/executor/kimi_executor.go `shouldDropKimiAssistantMessage`: calls stand without `content`, and a message that has
 * neither is left out, one of reasoning alone too, where a model was cut off before its first word (anomalyco/opencode issue 37887).
 * Another model's `refusal`, of which Kimi does not know, is told in words.
 */
export function withoutEmptyTexts(messages: readonly JsonObject[]): JsonObject[] {
  return messages.flatMap((message) => {
    const { content: given, refusal, ...rest } = message
    const content = withoutEmpty(given) ?? withoutEmpty(refusal)
    if (content !== undefined) return [{ ...rest, content }]
    if (rest['role'] === 'user' || rest['role'] === 'tool') return [{ ...rest, content: NOTHING }]
    return rest['tool_calls'] === undefined ? [] : [rest]
  })
}

/** What `content` says; `undefined` where that is nothing. */
function withoutEmpty(content: unknown): unknown {
  if (typeof content === 'string') return isBlank(content) ? undefined : content
  if (!Array.isArray(content)) return content ?? undefined
  const parts = (content as JsonObject[]).filter(({ type, text }) => type !== 'text' || !isBlank(text))
  return parts.length > 0 ? parts : undefined
}

function isBlank(text: unknown): boolean {
  return typeof text === 'string' && text.trim() === ''
}
