import type { ChatRequest } from '../chat/index.ts'
import { isObject, parseObject } from '../json/json.ts'
import { withReader } from './read-again.ts'
import type { Translator } from './translator.ts'
import { WholeArguments } from './whole-arguments.ts'

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
  return withReader(translator, (chat) =>
    offersRead(chat) ? new WholeArguments((name) => (name === READ ? withoutPages : undefined)) : undefined,
  )
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

function withoutPages(json: string): string {
  const { [PAGES]: pages, ...rest } = parseObject(json) ?? {}
  return typeof pages === 'string' && pages.trim() === '' ? JSON.stringify(rest) : json
}
