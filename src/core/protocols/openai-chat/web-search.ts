import { isObject } from '../json.ts'
import type { SearchAsker } from '../web-search.ts'

/**
 * A client of Chat Completions that is told of another vendor's search: as citations, which stand at the end of the text since where they
 * belong is not known. Of what it may ask, `search_context_size` says no more than how much of what is found the model reads.
 *
 * Source: `WebSearchOptions` and `ChatCompletionMessage.Annotation` of openai-node; in streams `delta.annotations`.
 */
export const chatAsker: SearchAsker = {
  protocol: 'openai-chat',
  read({ search_context_size: _, user_location: location, ...unknown }) {
    if (Object.keys(unknown).length > 0) return undefined
    const { approximate, ...rest } = isObject(location) ? location : {}
    return {
      allowedDomains: [],
      blockedDomains: [],
      ...(isObject(approximate) && { userLocation: { ...approximate, ...rest } }),
    }
  },
  write({ pages, whole }) {
    if (pages.length === 0) return { after: {} }
    const place = { start_index: whole, end_index: whole }
    const annotations = pages.map((page) => ({ type: 'url_citation', url_citation: { ...place, ...page } }))
    return { after: { annotations } }
  },
}
