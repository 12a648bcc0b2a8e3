import type { CacheControl } from '../chat/index.ts'
import type { Fields } from './fields.ts'
import { isObject } from './json.ts'

/** The `cache_control` of a part, message or tool. A form that is not Anthropic's stays in `extra`. */
export function readCacheControl(fields: Fields): CacheControl | undefined {
  return fields.take('cache_control', (value) => {
    if (!isObject(value) || value['type'] !== 'ephemeral') return undefined
    const { type, ttl, ...rest } = value
    if (Object.keys(rest).length > 0) return undefined
    if (ttl === undefined) return { type }
    return typeof ttl === 'string' ? { type, ttl } : undefined
  })
}
