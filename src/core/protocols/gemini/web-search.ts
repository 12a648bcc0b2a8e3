import { unsupported } from '../../chat/index.ts'
import type { SearchTool } from '../anthropic-messages/web-search.ts'
import { isObject, objects, text } from '../json.ts'
import { PROTOCOL } from './options.ts'

/**
 * Google's search in the place of Anthropic's. Where the user is, and how often it may search, is left to it.
 *
 * @see https://ai.google.dev/gemini-api/docs/google-search `groundingMetadata`
 */
export const googleSearch: SearchTool = {
  protocol: PROTOCOL,
  write(asked) {
    for (const name of ['allowed_domains', 'blocked_domains']) {
      const domains = asked[name]
      if (Array.isArray(domains) && domains.length > 0) throw unsupported('Gemini', `\`${name}\``, 'tools[0]')
    }
    return { googleSearch: {} }
  },
  read({ groundingMetadata: grounds }) {
    if (!isObject(grounds)) return undefined
    const { webSearchQueries: queries, groundingChunks: chunks } = grounds
    return {
      queries: Array.isArray(queries) ? queries.filter((query) => typeof query === 'string') : [],
      pages: objects(chunks).flatMap(({ web }) => {
        const url = isObject(web) ? text(web['uri']) : undefined
        return url === undefined || !isObject(web) ? [] : [{ url, title: text(web['title']) ?? url }]
      }),
    }
  },
}
