import { isObject } from '../json/json.ts'

/**
 * A value of JSON without half characters: U+FFFD stands for each. Itself where it has none, as nearly always.
 *
 * Agents that shorten a tool's output cut emoji in two. Some vendors let that pass, others refuse the whole conversation from then on: Anthropic
 * ("The request body is not valid JSON: no low surrogate in string", anthropics/claude-code issue 60394), Cerebras ("lone leading surrogate
 * in hex escape", elizaOS/eliza pull request 18079).
 */
export function wellFormed<T>(value: T): T
export function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed()
  if (Array.isArray(value)) {
    const items: unknown[] = value
    let changed: unknown[] | undefined
    for (const [at, item] of items.entries()) {
      const fine = wellFormed(item)
      if (fine !== item) (changed ??= [...items])[at] = fine
    }
    return changed ?? items
  }
  if (!isObject(value)) return value
  let changed: Record<string, unknown> | undefined
  for (const name in value) {
    const fine = wellFormed(value[name])
    if (fine !== value[name]) (changed ??= { ...value })[name] = fine
  }
  return changed ?? value
}
