import { unsupported } from '../../chat/index.ts'
import { foundPage } from '../found-page.ts'
import { isObject, objects, texts } from '../json.ts'
import type { SearchAsker, SearchTool } from '../web-search.ts'
import { PROTOCOL } from './options.ts'

/**
 * A client of Google's that is told of another vendor's search. Which stretch of the answer rests on which page is not told
 * (`groundingSupports`).
 *
 * @see https://ai.google.dev/gemini-api/docs/google-search `groundingMetadata`
 */
export const geminiAsker: SearchAsker = {
  protocol: PROTOCOL,
  read({ googleSearch, google_search: snakeCase = googleSearch, ...others }) {
    if (!isObject(snakeCase) || Object.keys(others).length > 0) return undefined
    const { excludeDomains, exclude_domains: blocked = excludeDomains, ...more } = snakeCase
    // Such as the time that pages are from, which no other vendor's search is told.
    if (Object.values(more).some((value) => value !== undefined && value !== null)) return undefined
    return { allowedDomains: [], blockedDomains: texts(blocked) }
  },
  write({ queries, pages }) {
    const groundingChunks = pages.map(({ url, title }) => ({ web: { uri: url, title } }))
    return { after: { groundingMetadata: { webSearchQueries: queries, groundingChunks } } }
  },
}

/**
 * Google's search in the place of another vendor's. Where the user is, and how often it may search, is left to it.
 *
 * @see https://ai.google.dev/gemini-api/docs/google-search `groundingMetadata`
 */
export const googleSearch: SearchTool = {
  protocol: PROTOCOL,
  // "Tool use with function calling is unsupported", of all but the newest models (googleapis/go-genai issue 323).
  besideTools: false,
  write({ allowedDomains, blockedDomains }) {
    if (allowedDomains.length > 0) throw unsupported('Gemini', '`allowed_domains`', 'tools[0]')
    if (blockedDomains.length > 0) throw unsupported('Gemini', '`blocked_domains`', 'tools[0]')
    return { googleSearch: {} }
  },
  read({ groundingMetadata: grounds }) {
    if (!isObject(grounds)) return { queries: [], pages: [] }
    const { webSearchQueries, groundingChunks } = grounds
    return {
      queries: texts(webSearchQueries),
      pages: objects(groundingChunks).flatMap(({ web }) => (isObject(web) ? foundPage(web['uri'], web['title']) : [])),
    }
  },
}
