import type { Usage } from '../../chat/index.ts'
import { compact, count, isObject, rest } from '../json.ts'
import type { JsonObject } from '../json.ts'

const KNOWN = new Set([
  'promptTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'cachedContentTokenCount',
  'totalTokenCount',
])

/**
 * Reads `usageMetadata`. `promptTokenCount` includes the cached tokens; `candidatesTokenCount` leaves the thoughts out, and
 * what server-side tools fed back counts as input of its own (GenerateContentResponseUsageMetadata in @google/genai).
 */
export function readUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const prompt = count(value['promptTokenCount'])
  const candidates = count(value['candidatesTokenCount'])
  const thoughts = count(value['thoughtsTokenCount'])
  if (prompt === undefined && candidates === undefined && thoughts === undefined) return undefined
  const cachedInput = count(value['cachedContentTokenCount'])
  const extra = rest(value, KNOWN)
  // Every message of a stream has it: what is not there is not put there to be taken out.
  return {
    input: (prompt ?? 0) + (count(value['toolUsePromptTokenCount']) ?? 0),
    output: (candidates ?? 0) + (thoughts ?? 0),
    ...(cachedInput !== undefined && { cachedInput }),
    ...(thoughts !== undefined && { reasoning: thoughts }),
    ...(extra && { extra }),
  }
}

/** Usage as Gemini writes it. Tokens written to a cache are within the prompt's; Gemini has no count of them. */
export function writeUsage({ input, output, cachedInput, reasoning, extra }: Usage): JsonObject {
  return {
    ...extra,
    ...compact({
      promptTokenCount: input - (count(extra?.['toolUsePromptTokenCount']) ?? 0),
      candidatesTokenCount: output - (reasoning ?? 0),
      totalTokenCount: input + output,
      cachedContentTokenCount: cachedInput,
      thoughtsTokenCount: reasoning,
    }),
  }
}
