import { foundPage } from '../found-page.ts'
import { isObject, objects, text, texts } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { SearchAsker, SearchTool } from '../web-search.ts'
import { BLOCKS, keptBlocks, keptCitations, newSearchId } from './blocks.ts'
import type { KeptBlock } from './blocks.ts'
import { PROTOCOL } from './options.ts'

/** `WebSearchTool20250305` of @anthropic-ai/sdk, and the later ones. */
const SEARCH = /^web_search_\d/

/** A client of Anthropic's that is told of another vendor's search: Claude Code reads the links of `web_search_tool_result`. */
export const anthropicAsker: SearchAsker = {
  protocol: PROTOCOL,
  read({ type, allowed_domains: allowed, blocked_domains: blocked, user_location: location }) {
    if (!SEARCH.test(String(type))) return undefined
    return {
      allowedDomains: texts(allowed),
      blockedDomains: texts(blocked),
      ...(isObject(location) && { userLocation: location }),
    }
  },
  write({ queries, pages }) {
    const id = newSearchId()
    const content = pages.map((page) => ({
      type: 'web_search_result',
      ...page,
      encrypted_content: '',
      page_age: null,
    }))
    const blocks: JsonObject[] = [
      { type: 'server_tool_use', id, name: 'web_search', input: { query: queries.join('; ') } },
      { type: 'web_search_tool_result', tool_use_id: id, content },
    ]
    // After all parts that there are.
    const place = { part: Number.MAX_SAFE_INTEGER, offset: 0 }
    return { after: { [BLOCKS]: blocks.map((block): KeptBlock => ({ ...place, block })) } }
  },
}

/**
 * Anthropic's search in the place of another vendor's. How often it may search is left to it.
 *
 * Source: `WebSearchTool20250305`, `WebSearchToolResultBlock` and `CitationsWebSearchResultLocation` of @anthropic-ai/sdk; the first of its
 * tools, for later ones run code of Claude's besides.
 */
export const anthropicSearch: SearchTool = {
  protocol: PROTOCOL,
  besideTools: true,
  write({ allowedDomains, blockedDomains, userLocation }) {
    return {
      type: 'web_search_20250305',
      name: 'web_search',
      ...(allowedDomains.length > 0 && { allowed_domains: allowedDomains }),
      ...(blockedDomains.length > 0 && { blocked_domains: blockedDomains }),
      ...(userLocation && { user_location: userLocation }),
    }
  },
  read(extra) {
    const blocks = keptBlocks(extra).map(({ block }) => block)
    const searches = blocks.filter(({ type, name }) => type === 'server_tool_use' && name === 'web_search')
    const results = blocks.filter(({ type }) => type === 'web_search_tool_result')
    const cited = keptCitations(extra).flatMap(({ citations }) => objects(citations))
    // A search that failed has an error in the place of its results.
    const found = results.flatMap(({ content }) => objects(content))
    return {
      queries: searches.flatMap(({ input }) => (isObject(input) ? (text(input['query']) ?? []) : [])),
      // What the answer rests on, where it says so.
      pages: (cited.length > 0 ? cited : found).flatMap(({ url, title }) => foundPage(url, title)),
    }
  },
}
