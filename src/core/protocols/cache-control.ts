import type { CacheControl } from '../chat/index.ts'
import type { Fields } from './fields.ts'
import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'

/** The `cache_control` of a part, message or tool. A form that is not Anthropic's stays in `extra`. */
export function readCacheControl(fields: Fields): CacheControl | undefined {
  return fields.take('cache_control', cacheControlOf)
}

/**
 * The same by Copilot's name, which stands on a message: VS Code sends it to an address of one's own too, of any model (microsoft/vscode issue
 * 312940 and microsoft/vscode-copilot-chat pull request 554).
 */
export const CACHE_MARK = 'copilot_cache_control'

/** Whether a chat completion's body has a message with a {@link CACHE_MARK}. */
export function isCacheMarked({ messages }: JsonObject): boolean {
  return Array.isArray(messages) && messages.some((message: unknown) => isObject(message) && CACHE_MARK in message)
}

/** What a message has by the name {@link CACHE_MARK}. */
export function readCacheMark(message: Fields): CacheControl | undefined {
  return message.take(CACHE_MARK, cacheControlOf)
}

function cacheControlOf(value: unknown): CacheControl | undefined {
  if (!isObject(value) || value['type'] !== 'ephemeral') return undefined
  const { type, ttl, ...rest } = value
  if (Object.keys(rest).length > 0) return undefined
  if (ttl === undefined) return { type }
  return typeof ttl === 'string' ? { type, ttl } : undefined
}
