import type { ChatEvent, ChatRequest, Extra } from '../chat/index.ts'
import { withReader } from '../translator/read-again.ts'
import type { EventReader } from '../translator/read-again.ts'
import type { Translator } from '../translator/translator.ts'
import type { FoundPage } from './found-page.ts'
import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { anthropicAsker } from './anthropic-messages/web-search.ts'
import { geminiAsker } from './gemini/web-search.ts'
import { chatAsker } from './openai-chat/web-search.ts'
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

/** What was found, and how long the choice of the answer is, in UTF-16 units. */
export interface Told extends Found {
  /** Of the text that was answered last. */
  length: number
  /** Of all texts. */
  whole: number
}

/** A vendor's own search of the web. */
export interface SearchTool {
  /** The protocol that the tool is written in. */
  protocol: string
  /** Whether the model may have it beside tools of the client's own. */
  besideTools: boolean
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
  /** The protocol that they ask in. */
  protocol: string
  /**
   * What a tool asks for, or OpenAI's `web_search_options`; `undefined` where it is no such tool, or asks for what no other vendor's search
   * does.
   */
  read(asking: JsonObject): Search | undefined
  /** What stands in an answer's `extra`: of its last text, and after it. Each page is there once. */
  write(found: Told): { ofText?: Extra; after: Extra }
}

/** Those that ask by a tool. */
const ASKERS: readonly SearchAsker[] = [anthropicAsker, geminiAsker, responsesAsker]

/** A search that is asked for, and the request without it. */
interface Asked {
  by: SearchAsker
  search: Search
  rest: ChatRequest
}

/**
 * A translator for a vendor that searches the web itself, for requests of other vendors' clients that are nothing but a search: Claude
 * Code's `WebSearch` is one, whichever model works, and so is Gemini CLI's `google_web_search`. Beside tools of the client's own another
 * vendor's search is left out. What Chat Completions has for it is not one of the tools, and is a search beside them too.
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
      // Google refuses a choice without functions of the client's own.
      if (chat.toolChoice?.type === 'none') return translator.request(asked.rest)
      const { reasoning, ...rest } = asked.rest
      const tool = { type: 'provider' as const, protocol: vendor.protocol, tool: vendor.write(asked.search) }
      const tools = [...(rest.tools ?? []), tool]
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

/** Whether a request asks for a search of the web as another vendor's clients do, and is nothing but that if it does so by a tool. */
export function isWebSearch(chat: ChatRequest | undefined, vendor: SearchTool): boolean {
  return searchIn(chat, vendor) !== undefined
}

function searchIn(chat: ChatRequest | undefined, vendor: SearchTool): Asked | undefined {
  return chat && (inTools(chat, vendor) ?? inOptions(chat, vendor))
}

function inTools(chat: ChatRequest, { protocol }: SearchTool): Asked | undefined {
  const { tools = [], toolChoice: _, ...rest } = chat
  const [tool, ...others] = tools
  if (tool?.type !== 'provider' || tool.protocol === protocol || others.length > 0) return undefined
  const by = ASKERS.find((asker) => asker.protocol === tool.protocol)
  const search = by?.read(tool.tool)
  return by && search && { by, search, rest }
}

function inOptions(chat: ChatRequest, { besideTools }: SearchTool): Asked | undefined {
  if (chat.protocol !== chatAsker.protocol || !chat.extra) return undefined
  const { web_search_options: options, ...extra } = chat.extra
  if (!isObject(options)) return undefined
  const search = chatAsker.read(options)
  if (!search) return undefined
  const { tools = [], toolChoice: _, ...rest } = chat
  if (tools.length === 0) return { by: chatAsker, search, rest: { ...rest, extra } }
  return besideTools ? { by: chatAsker, search, rest: { ...chat, extra } } : undefined
}

/** Tells what was found for each choice of an answer. */
class Findings implements EventReader {
  readonly #vendor: SearchTool
  readonly #by: SearchAsker
  readonly #choices = new Map<number, ChoiceFindings>()

  constructor(vendor: SearchTool, by: SearchAsker) {
    this.#vendor = vendor
    this.#by = by
  }

  read(event: ChatEvent): ChatEvent[] {
    return this.#of('choice' in event ? (event.choice ?? 0) : 0).read(event)
  }

  close(): ChatEvent[] {
    return [...this.#choices.values()].flatMap((choice) => choice.close())
  }

  #of(index: number): ChoiceFindings {
    let choice = this.#choices.get(index)
    if (!choice) {
      choice = new ChoiceFindings(this.#vendor, this.#by, index === 0 ? {} : { choice: index })
      this.#choices.set(index, choice)
    }
    return choice
  }
}

/** Tells what was found at the end of the choice, for then it is known whole. */
class ChoiceFindings implements EventReader {
  readonly #vendor: SearchTool
  readonly #by: SearchAsker
  readonly #at: { choice?: number }
  readonly #extra: Extra = {}
  #length = 0
  #whole = 0
  #thought = false
  /** Proofs without a word, such as Gemini's of the text before. They end it for clients, so what is told of the text goes first. */
  readonly #held: ChatEvent[] = []

  constructor(vendor: SearchTool, by: SearchAsker, at: { choice?: number }) {
    this.#vendor = vendor
    this.#by = by
    this.#at = at
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
    this.#whole += words.length
    this.#thought = false
  }

  #release(): ChatEvent[] {
    return this.#held.splice(0)
  }

  #told(): ChatEvent[] {
    const { queries, pages } = this.#vendor.read(this.#extra)
    if (queries.length === 0 && pages.length === 0) return this.#release()
    const once = pages.filter(({ url }, at) => pages.findIndex((page) => page.url === url) === at)
    const { ofText, after } = this.#by.write({ queries, pages: once, length: this.#length, whole: this.#whole })
    return [
      ...(ofText ? [{ type: 'extra' as const, extra: ofText, ...this.#at }] : []),
      ...this.#release(),
      { type: 'extra', extra: after, ...this.#at },
    ]
  }
}
