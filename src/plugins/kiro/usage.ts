import type { ChatEvent, ChatRequest, Extra, Translator, Usage } from '../../index.ts'
import { estimateTokens, TextEstimate, textOfEvent } from '../../kit.ts'

/**
 * Reads `tokenUsage` of a metadata event. Kiro counts input that was neither read from nor written to the cache apart.
 *
 * @see aws/amazon-q-developer-cli, crates/amzn-qdeveloper-streaming-client/src/types/_token_usage.rs
 * @returns No `tokens` where all counts are 0, which is how Kiro leaves them out.
 */
export function readTokens(usage: Record<string, unknown>): { tokens?: Usage; extra: Extra } {
  const {
    uncachedInputTokens,
    outputTokens,
    cacheReadInputTokens,
    cacheWriteInputTokens,
    totalTokens: _sum,
    ...extra
  } = usage
  const cachedInput = count(cacheReadInputTokens)
  const cacheWrite = count(cacheWriteInputTokens)
  const input = (count(uncachedInputTokens) ?? 0) + (cachedInput ?? 0) + (cacheWrite ?? 0)
  const output = count(outputTokens) ?? 0
  if (input === 0 && output === 0) return { extra }
  const tokens: Usage = { input, output }
  if (cachedInput !== undefined) tokens.cachedInput = cachedInput
  if (cacheWrite !== undefined) tokens.cacheWrite = cacheWrite
  return { tokens, extra }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined
}

/**
 * A translator that tells of every answer how many tokens it took, by an estimate where Kiro does not. Claude Code and Codex go by that
 * number to shorten a conversation before it is too long, and a client's budget holds by it (lidge-jun/opencodex issue 508).
 *
 * What Kiro does tell is the share of the context window that the conversation takes, its answer among it: closer than any count of the
 * request, to which Kiro adds a prompt of its own (jwadow/kiro-gateway pull request 107; d-kuro/kirocc internal/respconv/event_accumulator.go,
 * `resolvedUsage`).
 */
export function withTokensTold(translator: Translator, contextWindow: number | undefined): Translator {
  return {
    ...translator,
    events(chat) {
      const decoder = translator.events(chat)
      const said = new TextEstimate()
      const note = (events: ChatEvent[]) => {
        for (const event of events) said.add(textOfEvent(event))
        return events
      }
      return {
        push: (frame) => note(decoder.push(frame)),
        end() {
          const events = note(decoder.end())
          const told = events.find((event) => event.type === 'usage')?.usage
          if (!events.some(({ type }) => type === 'finish') || (told && told.input > 0)) return events
          const usage = estimateUsage(said.tokens, told?.extra, chat, contextWindow)
          return [...events.filter(({ type }) => type !== 'usage'), { type: 'usage', usage }]
        },
      }
    },
  }
}

function estimateUsage(
  output: number,
  extra: Extra | undefined,
  chat: ChatRequest | undefined,
  contextWindow: number | undefined,
): Usage {
  const share = extra?.['contextUsagePercentage']
  const whole = typeof share === 'number' && contextWindow !== undefined ? (share / 100) * contextWindow : 0
  const input = Math.round(whole) - output
  return {
    input: input > 0 ? input : chat ? estimateTokens(chat) : 0,
    output,
    estimated: true,
    ...(extra && { extra }),
  }
}
