import type { LogProbs } from '../../chat/index.ts'
import { isObject, text } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { flatName } from './namespace.ts'

/** A tool call, by the name that other formats have for its tool; `undefined` of any other item, and of one that lacks what a call needs. */
export function callOf(
  item: JsonObject,
): { id: string; name: string; kind: 'function' | 'custom'; arguments: string } | undefined {
  const { type, namespace } = item
  if (type !== 'function_call' && type !== 'custom_tool_call') return undefined
  const kind = type === 'custom_tool_call' ? 'custom' : 'function'
  const id = text(item['call_id']) ?? text(item['id'])
  const own = text(item['name'])
  if (id === undefined || own === undefined) return undefined
  const name = typeof namespace === 'string' && namespace !== '' ? flatName({ namespace, name: own }) : own
  return { id, name, kind, arguments: text(kind === 'custom' ? item['input'] : item['arguments']) ?? '' }
}

/** The text of a reasoning item: its summary, or where there is none the reasoning itself. */
export function reasoningText(item: JsonObject): { words: string; summary: boolean } {
  const summary = textsOf(item['summary'])
  if (summary.length > 0) return { words: summary.join('\n\n'), summary: true }
  const content = textsOf(item['content'])
  return { words: content.join(''), summary: content.length === 0 }
}

function textsOf(parts: unknown): string[] {
  if (!Array.isArray(parts)) return []
  return parts.flatMap((part: unknown) => (isObject(part) && typeof part['text'] === 'string' ? [part['text']] : []))
}

export function logProbsOf(value: unknown): LogProbs | undefined {
  return Array.isArray(value) && value.length > 0 ? { content: value as unknown[] } : undefined
}
