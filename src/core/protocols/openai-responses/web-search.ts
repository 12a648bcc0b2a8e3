import { unsupported } from '../../chat/index.ts'
import { foundPage } from '../found-page.ts'
import { compact, isObject, objects, text, texts } from '../json.ts'
import type { SearchAsker, SearchTool } from '../web-search.ts'
import { newId } from './items.ts'
import { FORMAT, keep, kept } from './wire.ts'

/** `WebSearchTool` and `WebSearchPreviewTool` of openai-node. */
const SEARCH = /^web_search(?:_preview)?(?:_\d{4}_\d{2}_\d{2})?$/

/** Fields of a search that say no more than how much of what is found the model reads. */
const HINTS = ['search_context_size']

/**
 * A client of Responses that is told of another vendor's search: as citations, which stand at the end of the text since where they belong is
 * not known, and as the item of the search after it (`ResponseFunctionWebSearch` and `ResponseOutputText.URLCitation` of openai-node).
 */
export const responsesAsker: SearchAsker = {
  protocol: FORMAT,
  read({ type, filters, user_location: location, external_web_access: live, ...others }) {
    // Without live access pages are out of OpenAI's own store alone.
    if (!SEARCH.test(String(type)) || live === false) return undefined
    const { allowed_domains: allowed, ...more } = isObject(filters) ? filters : {}
    const unknown = [...Object.entries(others).filter(([name]) => !HINTS.includes(name)), ...Object.entries(more)]
    // Such as pictures.
    if (unknown.some(([, value]) => value !== undefined && value !== null)) return undefined
    return {
      allowedDomains: texts(allowed),
      blockedDomains: [],
      // Anthropic wants its type, which OpenAI has one of and takes for said.
      ...(isObject(location) && { userLocation: { type: 'approximate', ...location } }),
    }
  },
  write({ queries, pages, length }) {
    const annotations = pages.map(({ url, title }) => ({
      type: 'url_citation',
      start_index: length,
      end_index: length,
      url,
      title,
    }))
    const query = queries.join('; ')
    const action = { type: 'search', query, queries }
    const item = { id: newId('ws'), type: 'web_search_call', status: 'completed', action }
    // The text ends where an item begins. The later takes the place of the earlier.
    return { ofText: keep({ annotations }), after: keep({ annotations, items: [{ item }] }) }
  },
}

/** OpenAI's search in the place of another vendor's (`WebSearchTool` and `ResponseFunctionWebSearch` of openai-node). How often it may search is left to it. */
export const openaiSearch: SearchTool = {
  protocol: FORMAT,
  besideTools: true,
  write({ allowedDomains, blockedDomains, userLocation }) {
    if (blockedDomains.length > 0) throw unsupported('OpenAI', '`blocked_domains`', 'tools[0]')
    const filters = allowedDomains.length > 0 ? { allowed_domains: allowedDomains } : undefined
    return compact({ type: 'web_search', filters, user_location: userLocation })
  },
  read(extra) {
    const { items, annotations } = kept({ extra })
    const searches = objects(items).flatMap(({ item }) =>
      isObject(item) && item['type'] === 'web_search_call' && isObject(item['action']) ? [item['action']] : [],
    )
    return {
      // `query` is of old; newer answers have both, or the list alone.
      queries: searches.flatMap(({ query, queries }) =>
        Array.isArray(queries) ? texts(queries) : (text(query) ?? []),
      ),
      pages: objects(annotations).flatMap(({ type, url, title }) =>
        type === 'url_citation' ? foundPage(url, title) : [],
      ),
    }
  },
}
