import { changeSchemas, isObject } from '../../kit.ts'
import type { JsonObject } from '../../kit.ts'

/** What a text or a list may be, in words. */
const WORDS: Record<string, (value: unknown) => string> = {
  pattern: (value) => `It must match the regular expression \`${String(value)}\`.`,
  minLength: (value) => `It has ${String(value)} characters at least.`,
  maxLength: (value) => `It has ${String(value)} characters at most.`,
  minItems: (value) => `It has ${String(value)} items at least.`,
  maxItems: (value) => `It has ${String(value)} items at most.`,
}

/**
 * A tool's parameters with the sizes and patterns of texts and lists told in words.
 *
 * llama.cpp, and what is built on it (LM Studio, Jan), makes one grammar of all tools, and refuses the whole request where that becomes too
 * large or has a pattern that it cannot read: "Failed to initialize samplers: failed to parse grammar", "Pattern must start with '^' and
 * end with '$'". Claude Code's own tools are enough (ggml-org/llama.cpp issues 25923, 26596 and 27859; lidge-jun/opencodex issue 2135;
 * openclaw/openclaw issue 113562; NousResearch/hermes-agent pull request 20052).
 */
export function withConstraintsInWords(schema: JsonObject): JsonObject {
  return changeSchemas(schema, inWords)
}

function inWords(schema: JsonObject): JsonObject {
  const rest: JsonObject = {}
  const words: string[] = []
  for (const [name, value] of Object.entries(schema)) {
    const tell = Object.hasOwn(WORDS, name) && !isObject(value) ? WORDS[name] : undefined
    if (tell) words.push(tell(value))
    else rest[name] = value
  }
  if (words.length === 0) return schema
  const { description } = schema
  return { ...rest, description: [...(typeof description === 'string' ? [description] : []), ...words].join(' ') }
}
