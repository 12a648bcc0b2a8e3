import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import { jsonOf, rewriteJson } from './edit-json.ts'

/**
 * Takes byok's settings out of a JSON file, and keeps what was written into it since.
 *
 * @param written The file as byok left it.
 * @param before As it was before that.
 */
export function takeOutJson(now: string, written: string, before: string): string {
  const left = takenOut(jsonOf(now), jsonOf(written), jsonOf(before))
  return before === '' && Object.keys(left).length === 0 ? '' : rewriteJson(now, left)
}

function takenOut(now: JsonObject, written: JsonObject, before: JsonObject): JsonObject {
  const left = { ...now }
  for (const [name, byoks] of Object.entries(written)) {
    const mine = now[name]
    const old = before[name]
    if (isDeepStrictEqual(byoks, old)) continue
    if (isObject(mine) && isObject(byoks)) {
      const inner = takenOut(mine, byoks, isObject(old) ? old : {})
      if (Object.keys(inner).length > 0 || isObject(old)) {
        left[name] = inner
        continue
      }
    } else if (!isDeepStrictEqual(mine, byoks)) {
      if (Array.isArray(mine) && Array.isArray(byoks)) left[name] = without(mine, without(byoks, old))
      continue
    }
    if (old === undefined) delete left[name]
    else left[name] = old
  }
  return left
}

/** The entries of a list that are not in another. */
function without(list: readonly unknown[], others: unknown): unknown[] {
  return Array.isArray(others)
    ? list.filter((one) => !others.some((other) => isDeepStrictEqual(one, other)))
    : [...list]
}

/** As {@link takeOutJson}, of a `.env` file. */
export function takeOutEnv(now: string, written: string, before: string): string {
  const old = before.split('\n')
  const byoks = written.split('\n').filter((line) => !old.includes(line))
  const nameOf = (line: string) => /^\s*(?:export\s+)?([\w.-]+)\s*=/.exec(line)?.[1]
  return now
    .split('\n')
    .map((line) => (byoks.includes(line) ? old.findLast((one) => nameOf(one) === nameOf(line)) : line))
    .filter((line) => line !== undefined)
    .join('\n')
}
