import { invalidRequest } from '../chat/index.ts'

/** The most items of a page (platform.claude.com/docs/en/api/models/list). */
const MOST = 1000

interface Page<Item> {
  data: Item[]
  has_more: boolean
  first_id: string | null
  last_id: string | null
}

/**
 * The page of a list that `limit`, `after_id` and `before_id` ask for (`PageParams` of @anthropic-ai/sdk). Without a `limit`, which is 20
 * at Anthropic, it is all of it: most clients read one page.
 *
 * @throws {ChatError} 400 for a limit that is none, and for the id of what is not in the list.
 */
export function anthropicPage<Item extends { id: string }>(items: readonly Item[], query: URLSearchParams): Page<Item> {
  const limit = readLimit(query.get('limit'))
  const after = indexOf(items, query, 'after_id')
  const before = indexOf(items, query, 'before_id')
  const between = items.slice((after ?? -1) + 1, before)
  // What stands before another is read backwards: the nearest come first.
  const backwards = before !== undefined && after === undefined
  const data = backwards ? between.slice(-limit) : between.slice(0, limit)
  return {
    data,
    has_more: data.length < between.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  }
}

function readLimit(given: string | null): number {
  if (given === null) return Number.POSITIVE_INFINITY
  const limit = /^\d+$/.test(given) ? Number(given) : 0
  if (limit < 1 || limit > MOST) throw invalidRequest(`limit: must be a whole number from 1 to ${MOST}`, 'limit')
  return limit
}

function indexOf(items: readonly { id: string }[], query: URLSearchParams, name: string): number | undefined {
  const wanted = query.get(name)
  if (wanted === null) return undefined
  const index = items.findIndex(({ id }) => id === wanted)
  if (index === -1) throw invalidRequest(`${name}: there is no model of this id in the list`, name)
  return index
}
