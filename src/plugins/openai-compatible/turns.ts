import type { JsonObject } from '../../kit.ts'

/**
 * The messages with what one side says in a row as one. Clients speak in several (Codex tells its surroundings before the task, Claude Code
 * keeps an answer that was cut off), and the templates of Mistral's and Google's open models refuse that: "After the optional system
 * message, conversation roles must alternate user and assistant roles except for tool calls and results" (anomalyco/opencode issue 5034 and
 * charmbracelet/crush issue 279, by llama.cpp and Docker; vllm-project/vllm issue 6862; dnakov/anon-kode issue 60, of Gemma).
 */
export function withTurnsJoined(messages: readonly JsonObject[]): JsonObject[] {
  const joined: JsonObject[] = []
  for (const message of messages) {
    const last = joined.at(-1)
    if (last && goesOn(last, message))
      joined[joined.length - 1] = { ...last, ...message, ...joinedTexts(last, message) }
    else joined.push(message)
  }
  return joined
}

function goesOn(last: JsonObject, { role, name }: JsonObject): boolean {
  if (last['role'] !== role || last['name'] !== name) return false
  return role === 'user' || (role === 'assistant' && last['tool_calls'] === undefined)
}

function joinedTexts(last: JsonObject, next: JsonObject): JsonObject {
  const fields = ['content', 'reasoning_content'].filter((name) => last[name] !== undefined && next[name] !== undefined)
  return Object.fromEntries(fields.map((name) => [name, joined(last[name], next[name])]))
}

function joined(last: unknown, next: unknown): unknown {
  if (last === null || last === '') return next
  if (next === null || next === '') return last
  if (typeof last === 'string' && typeof next === 'string') return `${last}\n\n${next}`
  return [...partsOf(last), ...partsOf(next)]
}

function partsOf(content: unknown): unknown[] {
  return Array.isArray(content) ? content : [{ type: 'text', text: content }]
}
