import { geminiGenerateContent } from '../../index.ts'
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
    const { googleSearch: plain } = googleSearch.write({ ...search, allowedDomains: [] })
    if (allowedDomains.length === 0) return { googleSearch: plain }
    return { googleSearch: { includedDomains: allowedDomains } }
  },
}

/**
 * Whether a request is nothing but a search, so that it does not matter whose words tell what was found. Where a model of another vendor's
 * may search as it sees fit, it is that one's answer which is asked for.
 */
export function isSearch(chat: ChatRequest | undefined): boolean {
  if (!chat || chat.toolChoice?.type === 'none') return false
  const mustSearch = chat.toolChoice?.type === 'tool' || chat.toolChoice?.type === 'required'
  if (!mustSearch && !chat.model.includes('gemini')) return false
  return isWebSearch(chat, antigravitySearch) || isOwnSearch(chat)
}

/** As Gemini's own clients ask for one. */
function isOwnSearch({ tools = [] }: ChatRequest): boolean {
  const [tool, ...others] = tools
  return (
    tool?.type === 'provider' && tool.protocol === googleSearch.protocol && others.length === 0 && searches([tool.tool])
  )
}

/** Whether a request's tools are Google's search alone. */
export function searches(tools: unknown): boolean {
  if (!Array.isArray(tools) || tools.length !== 1) return false
  const [tool] = tools as unknown[]
  return typeof tool === 'object' && tool !== null && Object.keys(tool).join() === 'googleSearch'
}

/** For requests that are searches: whatever the asked model would be told of thinking is not for the one that searches. */
export function searching(options: GeminiOptions): Translator {
  const gemini = geminiGenerateContent({ ...options, maxOutput: SEARCH_OUTPUT })
  const translator: Translator = {
    ...gemini,
    request: ({ reasoning: _, ...chat }) => gemini.request({ ...chat, model: SEARCH_MODEL }),
  }
  return withWebSearch(translator, antigravitySearch)
}
