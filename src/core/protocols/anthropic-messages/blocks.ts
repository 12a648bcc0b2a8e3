import type { Extra, TextPart } from '../../chat/index.ts'
import { isObject, objects } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { randomHex } from '../../text/random-hex.ts'

/**
 * Under which name a part keeps the content block it was made of, where the neutral model has no part for it: what a server
 * tool did, search results, types newer than this code. The part's text tells others what the block says.
 */
export const BLOCK = 'anthropic_block'

/** Under which name an answer keeps such blocks. */
export const BLOCKS = 'anthropic_blocks'
/** Under which name an answer keeps the citations of its text. */
export const CITATIONS = 'citations'
/** Under which name an answer keeps who called a tool, where it was not the model itself. */
export const CALLERS = 'anthropic_callers'

/**
 * A place in an answer's content as it is folded, where texts that follow each other are one part: before part `part`, or
 * within it after `offset` UTF-16 units where it is text.
 */
export interface Place {
  part: number
  offset: number
}

/** A block of an answer, and where it stood. */
export interface KeptBlock extends Place {
  block: JsonObject
}

/** The citations of a stretch of text, which ends at `end`. */
export interface KeptCitations extends Place {
  end: number
  citations: unknown[]
}

export function keptBlocks(extra: Extra | undefined): KeptBlock[] {
  return places(extra?.[BLOCKS]).filter((value): value is KeptBlock & JsonObject => isObject(value['block']))
}

export function keptCitations(extra: Extra | undefined): KeptCitations[] {
  return places(extra?.[CITATIONS]).filter(
    (value): value is KeptCitations & JsonObject =>
      Array.isArray(value['citations']) && typeof value['end'] === 'number',
  )
}

function places(value: unknown): (Place & JsonObject)[] {
  if (!Array.isArray(value)) return []
  return value.filter(
    (item): item is Place & JsonObject =>
      isObject(item) && typeof item['part'] === 'number' && typeof item['offset'] === 'number',
  )
}

/** The id of another vendor's search that is told as Anthropic's (`web-search.ts`). */
export function newSearchId(): string {
  return `srvtoolu_${randomHex()}`
}

/**
 * Whether a block tells of such a search. Anthropic's own ids are shorter, and what its search found is encrypted, which it wants back with
 * the conversation and which nobody else can write (`WebSearchResultBlockParam` of @anthropic-ai/sdk).
 */
export function isOthersSearch({ type, id, tool_use_id: of }: JsonObject): boolean {
  const name = type === 'server_tool_use' ? id : type === 'web_search_tool_result' ? of : undefined
  return typeof name === 'string' && /^srvtoolu_[0-9a-f]{32}$/.test(name)
}

/** The block a part was made of. */
export function blockOf(part: { extra?: Extra }): JsonObject | undefined {
  const block = part.extra?.[BLOCK]
  return isObject(block) ? block : undefined
}

/** A part that keeps a block. */
export function keepBlock(block: JsonObject): TextPart {
  const words: TextPart = { type: 'text', text: tell(block) }
  return isOthersSearch(block) ? words : { ...words, extra: { [BLOCK]: block } }
}

/** Whether a block offers the model a tool from there on, or one less. */
export function isToolChange({ type }: JsonObject): boolean {
  return type === 'tool_addition' || type === 'tool_removal'
}

/** What a block changes about the tools: itself, or what a conversation that was compacted had changed (`BetaCompactionBlockParam`). */
export function toolChangesIn(block: JsonObject): JsonObject[] {
  if (isToolChange(block)) return [block]
  return block['type'] === 'compaction' ? objects(block['tool_changes']) : []
}

/** A conversation that was compacted, by its summary: the rest is for Anthropic alone (`BetaCompactionBlockParam` of @anthropic-ai/sdk). */
function summaryIn({ content }: JsonObject): string {
  return typeof content === 'string' && content !== '' ? `[summary of the conversation so far]\n${content}` : ''
}

/** What a block says, for a model that has no such blocks. What it changes about the tools, those tell. */
function tell(block: JsonObject): string {
  if (isToolChange(block)) return ''
  if (block['type'] === 'compaction') return summaryIn(block)
  if (block['type'] === 'search_result') {
    const { title, source, content } = block
    const words = Array.isArray(content) ? content.map((part) => (isObject(part) ? part['text'] : '')) : []
    return [title, source, ...words].filter((line) => typeof line === 'string' && line !== '').join('\n')
  }
  const plain = JSON.stringify(block, (key, value: unknown) =>
    key.startsWith('encrypted_') || key === 'cache_control' ? undefined : value,
  )
  return `[${String(block['type'])}: ${plain}]`
}
