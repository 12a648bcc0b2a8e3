import type { Extra } from '../../chat/index.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** The format's name, and the `protocol` of provider tools written in it. */
export const FORMAT = 'openai-responses'

const WIRE = Symbol(FORMAT)

/**
 * What only this format has a word for and no other could use: item ids, statuses, phases, namespaces, whole items of tools
 * that OpenAI runs itself. It rides on `extra` under a symbol, for other formats copy the named keys of `extra` to their own
 * wire, and their servers would refuse a field they do not know.
 */
export function keep(wire: JsonObject, extra?: Extra): Extra {
  return Object.assign({ ...extra }, { [WIRE]: wire })
}

/** What {@link keep} kept; empty where it came from another format. */
export function kept(holder: { extra?: Extra }): JsonObject {
  const value: unknown = holder.extra && Reflect.get(holder.extra, WIRE)
  return isObject(value) ? value : {}
}

/** Whether the holder was read from this format. */
export function isKept(holder: { extra?: Extra }): boolean {
  return holder.extra !== undefined && Reflect.has(holder.extra, WIRE)
}

/** The named keys of `extra`, with those that Chat Completions nests one level deeper (`function: { … }`) beside the rest. */
export function flatExtra(extra: Extra | undefined, nested: string): Extra | undefined {
  const inner = extra?.[nested]
  if (!isObject(inner)) return extra
  const { [nested]: _, ...rest } = extra ?? {}
  return { ...inner, ...rest }
}
