import type { ChatEvent, ChatRequest } from '../chat/index.ts'
import { isObject, parseObject } from '../json.ts'
import type { Translator } from './translator.ts'

/** Claude Code's tool that reads files, and its argument that is for PDFs alone. */
const READ = 'Read'
const PAGES = 'pages'

/**
 * A translator for models that fill in all arguments there are: GPT calls Claude Code's `Read` with `pages: ""`, which it refuses, of files
 * that have none, and again when it is told so. Empty, it is left out.
 *
 * Sources: Wei-Shaw/sub2api issue 1995, diegosouzapw/OmniRoute issue 2889, icebear0828/codex-proxy pull request 572; james-6-23/codex2api
 * pull request 243 (why no other argument).
 */
export function withoutEmptyPages(translator: Translator): Translator {
  const { answer } = translator
  return {
    ...translator,
    events(chat) {
      const inner = translator.events(chat)
      if (!offersRead(chat)) return inner
      const calls = new ReadCalls()
      return {
        push: (frame) => inner.push(frame).flatMap((event) => calls.read(event)),
        end: () => [...inner.end().flatMap((event) => calls.read(event)), ...calls.close()],
      }
    },
    ...(answer && {
      answer(body, chat) {
        const events = answer(body, chat)
        if (!offersRead(chat)) return events
        const calls = new ReadCalls()
        return [...events.flatMap((event) => calls.read(event)), ...calls.close()]
      },
    }),
  }
}

function offersRead(chat: ChatRequest | undefined): boolean {
  if (chat?.protocol !== 'anthropic-messages') return false
  return (
    chat.tools?.some((tool) => {
      if (tool.type !== 'function' || tool.name !== READ) return false
      const { properties, required } = tool.parameters ?? {}
      return isObject(properties) && PAGES in properties && !(Array.isArray(required) && required.includes(PAGES))
    }) ?? false
  )
}

/** Holds the arguments of such a call back until they are whole. */
class ReadCalls {
  #open: { call: { index: number; choice?: number }; json: string } | undefined

  read(event: ChatEvent): ChatEvent[] {
    const open = this.#open
    if (open && event.type === 'tool-call-delta' && event.index === open.call.index) {
      open.json += event.arguments
      return []
    }
    const before = this.close()
    if (event.type === 'tool-call' && event.name === READ) {
      const { index, choice } = event
      this.#open = { call: { index, ...(choice !== undefined && { choice }) }, json: '' }
    }
    return [...before, event]
  }

  close(): ChatEvent[] {
    if (!this.#open) return []
    const { call, json } = this.#open
    this.#open = undefined
    return json === '' ? [] : [{ type: 'tool-call-delta', ...call, arguments: withoutPages(json) }]
  }
}

function withoutPages(json: string): string {
  const { [PAGES]: pages, ...rest } = parseObject(json) ?? {}
  return typeof pages === 'string' && pages.trim() === '' ? JSON.stringify(rest) : json
}
