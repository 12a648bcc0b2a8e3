import type { ChatEvent, ChatRequest, Extra } from '../../chat/index.ts'
import { withReader } from '../../upstream/read-again.ts'
import type { EventReader } from '../../upstream/read-again.ts'
import type { Translator } from '../../upstream/translator.ts'
import type { JsonObject } from '../json.ts'
import { BLOCKS, newSearchId } from './blocks.ts'
import type { KeptBlock } from './blocks.ts'
import { PROTOCOL } from './options.ts'

/** `WebSearchTool20250305` of @anthropic-ai/sdk, and the later ones. */
const SEARCH = /^web_search_\d/

/** What was searched for, and found. */
export interface Found {
  queries: string[]
  pages: { url: string; title: string }[]
}

/** A vendor's own search of the web. */
export interface SearchTool {
  /** The protocol that the tool is written in. */
  protocol: string
  /**
   * The vendor's tool that searches as Anthropic's is told to.
   * @throws {ChatError} 400 naming what it cannot.
   */
  write(asked: JsonObject): JsonObject
  /** What an answer's `extra` tells of searches, all so far; `undefined` where it tells of none. */
  read(extra: Extra): Partial<Found> | undefined
}

/**
 * A translator for a vendor that searches the web itself, for requests that are nothing but a search: Claude Code's `WebSearch` is one, whichever
 * model works. Beside tools of the client's own Anthropic's search is left out.
 *
 * Sources: the binary of @anthropic-ai/claude-code 2.1.331 (what it asks, and reads: the links of `web_search_tool_result`); CLIProxyAPI
 * internal/translator/codex/claude/codex_claude_request.go (that the choice of a tool is left to the model).
 */
export function withWebSearch(translator: Translator, search: SearchTool): Translator {
  const asking: Translator = {
    ...translator,
    request(chat) {
      const asked = searchIn(chat)
      if (!asked) return translator.request(chat)
      const { toolChoice: _, reasoning, ...rest } = chat
      const tools = [{ type: 'provider' as const, protocol: search.protocol, tool: search.write(asked) }]
      // "The following tools cannot be used with reasoning.effort 'minimal': web_search" (OpenAI); Claude Code asks for no thinking.
      const thinks = reasoning && reasoning.effort !== 'none' && reasoning.effort !== 'minimal'
      return translator.request({ ...rest, tools, ...(thinks && { reasoning }) })
    },
  }
  return withReader(asking, (chat) => (searchIn(chat) ? new Findings(search) : undefined))
}

/** Whether a request is nothing but a search of the web. */
export function isWebSearch(chat: ChatRequest | undefined): boolean {
  return searchIn(chat) !== undefined
}

function searchIn(chat: ChatRequest | undefined): JsonObject | undefined {
  const [tool, ...others] = chat?.tools ?? []
  if (tool?.type !== 'provider' || tool.protocol !== PROTOCOL || others.length > 0) return undefined
  return SEARCH.test(String(tool.tool['type'])) ? tool.tool : undefined
}

/** Tells what was found at the end of the answer, for then it is known whole. */
class Findings implements EventReader {
  readonly #search: SearchTool
  readonly #found: Found = { queries: [], pages: [] }

  constructor(search: SearchTool) {
    this.#search = search
  }

  read(event: ChatEvent): ChatEvent[] {
    if (event.type === 'extra') Object.assign(this.#found, this.#search.read(event.extra))
    return event.type === 'finish' ? [...this.#told(), event] : [event]
  }

  #told(): ChatEvent[] {
    const { queries, pages } = this.#found
    if (queries.length === 0 && pages.length === 0) return []
    const id = newSearchId()
    const content = pages
      .filter(({ url }, at) => pages.findIndex((page) => page.url === url) === at)
      .map((page) => ({ type: 'web_search_result', ...page, encrypted_content: '', page_age: null }))
    const blocks: JsonObject[] = [
      { type: 'server_tool_use', id, name: 'web_search', input: { query: queries.join('; ') } },
      { type: 'web_search_tool_result', tool_use_id: id, content },
    ]
    // After all parts that there are.
    const place = { part: Number.MAX_SAFE_INTEGER, offset: 0 }
    return [{ type: 'extra', extra: { [BLOCKS]: blocks.map((block): KeptBlock => ({ ...place, block })) } }]
  }
}
