import type { ChatEvent, ChatRequest, Extra } from '../chat/index.ts'
import { withReader } from '../upstream/read-again.ts'
import type { EventReader } from '../upstream/read-again.ts'
import type { Translator } from '../upstream/translator.ts'
import type { FoundPage } from './found-page.ts'
import type { JsonObject } from './json.ts'
import { anthropicAsker } from './anthropic-messages/web-search.ts'
import { geminiAsker } from './gemini/web-search.ts'
import { responsesAsker } from './openai-responses/web-search.ts'

/** What a client wants searched. */
export interface Search {
  /** Those that alone count; empty for all. */
  allowedDomains: string[]
  blockedDomains: string[]
  /** Where the user is, in the form that Anthropic and OpenAI have for it (`type: "approximate"`, `city`, `country`, …). */
  userLocation?: JsonObject
}

/** What was searched for, and found. */
export interface Found {
  queries: string[]
  pages: FoundPage[]
}

/** What was found, and how long the text is that was answered last, in UTF-16 units. */
export interface Told extends Found {
  length: number
}

/** A vendor's own search of the web. */
export interface SearchTool {
  /** The protocol that the tool is written in. */
  protocol: string
  /**
   * The vendor's tool that searches as a client wants it.
   * @throws {ChatError} 400 naming what it cannot.
   */
  write(search: Search): JsonObject
  /** What the `extra` of a whole answer tells of searches. */
  read(extra: Extra): Found
}

/** How a protocol's clients ask for a search, and are told of it. */
export interface SearchAsker {
  /** The protocol that the tool is written in. */
  protocol: string
  /** What a tool asks for; `undefined` where it is no such tool, or asks for what no other vendor's does. */
  read(tool: JsonObject): Search | undefined
  /** What stands in an answer's `extra`: of its last text, and after it. Each page is there once. */
  write(found: Told): { ofText?: Extra; after: Extra }
}

/** Those that are known to ask for nothing but a search. */
const ASKERS: readonly SearchAsker[] = [anthropicAsker, geminiAsker, responsesAsker]

/**
 * A translator for a vendor that searches the web itself, for requests of other vendors' clients that are nothing but a search: Claude
 * Code's `WebSearch` is one, whichever model works, and so is Gemini CLI's `google_web_search`. Beside tools of the client's own another
 * vendor's search is left out.
 *
 * Sources: the binary of @anthropic-ai/claude-code 2.1.331 (what it asks, and reads: the links of `web_search_tool_result`); CLIProxyAPI
 * internal/translator/codex/claude/codex_claude_request.go (that the choice of a tool is left to the model); google-gemini/gemini-cli
 * packages/core/src/tools/web-search.ts (what it reads: `groundingMetadata.groundingChunks`).
 */
export function withWebSearch(translator: Translator, vendor: SearchTool): Translator {
  const asking: Translator = {
    ...translator,
    request(chat) {
      const asked = searchIn(chat, vendor)
      if (!asked) return translator.request(chat)
      const { toolChoice, tools: _, ...toolless } = chat
      // Google refuses a choice without functions of the client's own.
      if (toolChoice?.type === 'none') return translator.request(toolless)
      const { reasoning, ...rest } = toolless
      const tools = [{ type: 'provider' as const, protocol: vendor.protocol, tool: vendor.write(asked.search) }]
      // "The following tools cannot be used with reasoning.effort 'minimal': web_search" (OpenAI); Claude Code asks for no thinking.
      const thinks = reasoning && reasoning.effort !== 'none' && reasoning.effort !== 'minimal'
      return translator.request({ ...rest, tools, ...(thinks && { reasoning }) })
    },
  }
  return withReader(asking, (chat) => {
    const asked = searchIn(chat, vendor)
    return asked && new Findings(vendor, asked.by)
  })
}

/** Whether a request is nothing but a search of the web that another vendor's clients ask for. */
export function isWebSearch(chat: ChatRequest | undefined, vendor: SearchTool): boolean {
  return searchIn(chat, vendor) !== undefined
}

function searchIn(
  chat: ChatRequest | undefined,
  { protocol }: SearchTool,
): { search: Search; by: SearchAsker } | undefined {
  const [tool, ...others] = chat?.tools ?? []
  if (tool?.type !== 'provider' || tool.protocol === protocol || others.length > 0) return undefined
  const by = ASKERS.find((asker) => asker.protocol === tool.protocol)
  const search = by?.read(tool.tool)
  return by && search && { search, by }
}

/** Tells what was found at the end of the answer, for then it is known whole. */
class Findings implements EventReader {
  readonly #vendor: SearchTool
  readonly #by: SearchAsker
  readonly #extra: Extra = {}
  #length = 0
  #thought = false
  /** Proofs without a word, such as Gemini's of the text before. They end it for clients, so what is told of the text goes first. */
  readonly #held: ChatEvent[] = []

  constructor(vendor: SearchTool, by: SearchAsker) {
    this.#vendor = vendor
    this.#by = by
  }

  read(event: ChatEvent): ChatEvent[] {
    if (event.type === 'extra') Object.assign(this.#extra, event.extra)
    if (event.type === 'text') this.#count(event.text)
    if (event.type === 'reasoning') {
      this.#thought = true
      if (event.text === '') {
        this.#held.push(event)
        return []
      }
    }
    if (event.type === 'extra' || event.type === 'usage') return [event]
    return event.type === 'finish' ? [...this.#told(), event] : [...this.#release(), event]
  }

  close(): ChatEvent[] {
    return this.#release()
  }

  /** What follows a thought is another text. */
  #count(words: string): void {
    this.#length = (this.#thought ? 0 : this.#length) + words.length
    this.#thought = false
  }

  #release(): ChatEvent[] {
    return this.#held.splice(0)
  }

  #told(): ChatEvent[] {
    const { queries, pages } = this.#vendor.read(this.#extra)
    if (queries.length === 0 && pages.length === 0) return this.#release()
    const once = pages.filter(({ url }, at) => pages.findIndex((page) => page.url === url) === at)
    const { ofText, after } = this.#by.write({ queries, pages: once, length: this.#length })
    return [
      ...(ofText ? [{ type: 'extra' as const, extra: ofText }] : []),
      ...this.#release(),
      { type: 'extra', extra: after },
    ]
  }
}
