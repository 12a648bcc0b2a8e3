import { unsupported } from '../../chat/index.ts'
import { compact, isObject, objects, text } from '../json.ts'
import type { SearchTool } from '../web-search.ts'
import { FORMAT, kept } from './wire.ts'

/** OpenAI's search in the place of another vendor's (`WebSearchTool` and `ResponseFunctionWebSearch` of openai-node). How often it may search is left to it. */
export const openaiSearch: SearchTool = {
  protocol: FORMAT,
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
      queries: searches.flatMap(({ query }) => text(query) ?? []),
      pages: objects(annotations).flatMap(({ type, url, title }) => {
        const address = type === 'url_citation' ? text(url) : undefined
        return address === undefined ? [] : [{ url: address, title: text(title) ?? address }]
      }),
    }
  },
}
