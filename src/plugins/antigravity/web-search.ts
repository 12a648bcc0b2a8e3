import { geminiGenerateContent, unsupported } from '../../index.ts'
import type { ChatRequest, GeminiOptions, Translator } from '../../index.ts'
import { googleSearch, isWebSearch, withWebSearch } from '../../kit.ts'
import type { SearchTool } from '../../kit.ts'

/**
 * The one model that `fetchAvailableModels` tells to search (`webSearchModelIds`): most of the others answer as if the tool were not
 * there. Antigravity's own client has it search for whichever model works. Source: router-for-me/CLIProxyAPI issue 5492.
 */
export const SEARCH_MODEL = 'gemini-3.1-flash-lite'

/** One less than Gemini's other models write. */
const SEARCH_OUTPUT = 65_535

/** Google's search as this endpoint has it (CLIProxyAPI internal/translator/antigravity/claude/web_search.go: `includedDomains`). */
export const antigravitySearch: SearchTool = {
  ...googleSearch,
  write({ allowedDomains, ...search }) {
    const plain = googleSearch.write({ ...search, allowedDomains: [] })
    return allowedDomains.length > 0 ? { googleSearch: { includedDomains: allowedDomains } } : plain
  },
}

/**
 * Whether a request is nothing but a search, so that it does not matter whose words tell what was found. Where a model of another vendor's
 * may search as it sees fit, it is that one's answer which is asked for.
 */
export function isSearch(chat: ChatRequest | undefined): boolean {
  // A picture may rest on what was found too, and the one model that searches draws none.
  if (!chat || chat.toolChoice?.type === 'none' || chat.model.includes('image')) return false
  const mustSearch = chat.toolChoice?.type === 'tool' || chat.toolChoice?.type === 'required'
  if (!mustSearch && !chat.model.includes('gemini')) return false
  return isWebSearch(chat, antigravitySearch) || isOwnSearch(chat)
}

/** As Gemini's own clients ask for one. */
function isOwnSearch({ tools = [] }: ChatRequest): boolean {
  const [tool, ...others] = tools
  if (tool?.type !== 'provider' || tool.protocol !== googleSearch.protocol || others.length > 0) return false
  return Object.keys(tool.tool).join() === 'googleSearch'
}

/** For another vendor's models, which would answer as if there were no search to be made. */
export function refusingSearch(translator: Translator): Translator {
  return {
    ...translator,
    request(chat) {
      if (isOwnSearch(chat)) throw unsupported('Antigravity', 'the tool `googleSearch` with this model', 'tools[0]')
      return translator.request(chat)
    },
  }
}

/**
 * For requests that are searches: whatever the asked model would be told of thinking is not for the one that searches, and Google refuses a
 * choice without functions of the client's own.
 */
export function searching(options: GeminiOptions): Translator {
  const gemini = geminiGenerateContent({ ...options, maxOutput: SEARCH_OUTPUT })
  const translator: Translator = {
    ...gemini,
    request: ({ reasoning: _, toolChoice: __, ...chat }) => gemini.request({ ...chat, model: SEARCH_MODEL }),
    error(body, status, headers) {
      const info = gemini.error?.(body, status, headers)
      // Limits are by model, and who is let in is not.
      return status === 429 || status === 404 ? { ...info, ofAnotherModel: true } : info
    },
  }
  return withWebSearch(translator, antigravitySearch)
}
