import type { ChatRequest } from '../../chat/index.ts'
import { invalid } from '../openai-chat/fields.ts'
import { compact, isObject, parseJson } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { beforeUpdates } from './configuration.ts'
import { keep, kept } from './wire.ts'

/*
 * Compaction: a conversation that has grown too long is replaced by one item, which its client sends back and cannot read.
 *
 * A client asks for it by `compaction_trigger`, the last item of an ordinary request (openai-node `ResponseInputItem.CompactionTrigger`),
 * and wants exactly one `compaction` item back, whose `encrypted_content` it keeps (openai/codex
 * codex-rs/core/src/compact_remote_v2.rs). OpenAI seals its own. Of a model of another vendor byok asks a summary, and marks it as
 * its own: no secret is in it that the client did not send, so it is neither signed nor encrypted.
 */

export const TRIGGER = 'compaction_trigger'
/** The second name is the one Codex still reads: openai/codex codex-rs/protocol/src/models.rs, `ResponseItem::Compaction`. */
const COMPACTION = /^compaction(?:_summary)?$/
const PREFIX = 'byok.compaction.v1.'

/** What a model of another vendor is asked in the place of the trigger. */
export const ASK_FOR_SUMMARY = `The conversation ends here, to be replaced by a summary that you write now. Whoever takes over has that summary, and perhaps what the user said, but nothing else of it.

Say, in the language of the conversation:
- what the user wants, with all limits and preferences given on the way;
- what was done and decided, and why;
- facts that are still needed, word for word where it matters: names, paths, commands, code, figures, errors;
- what is left to do, and the next step.

Call no tools, answer nothing that is still open, and write nothing but the summary.`

const GO_ON = 'The conversation up to here was replaced by this summary of it. Go on from there.'

/** @throws {ChatError} 400 where it is not the last item: OpenAI's type says that it must be. */
export function checkTrigger(path: string, last: boolean): void {
  if (!last) throw invalid(`'${TRIGGER}' must be the last item of 'input'.`, path, 'invalid_value')
}

/** A `compaction` item of byok's. */
export function compactionItem(id: string, summary: string): JsonObject {
  const content = PREFIX + Buffer.from(JSON.stringify({ summary })).toString('base64url')
  return { id, type: 'compaction', encrypted_content: content }
}

export function isCompaction({ type }: JsonObject): boolean {
  return typeof type === 'string' && COMPACTION.test(type)
}

/** What stands for the conversation that byok had summarized; `undefined` for an item that is not byok's. */
export function readSummary(item: JsonObject): string | undefined {
  const { encrypted_content: content } = item
  if (!isCompaction(item) || typeof content !== 'string' || !content.startsWith(PREFIX)) return undefined
  const sealed = parseJson(Buffer.from(content.slice(PREFIX.length), 'base64url').toString('utf8'))
  const summary = isObject(sealed) ? sealed['summary'] : undefined
  if (typeof summary !== 'string') {
    throw invalid("byok's `compaction` item is damaged: send it as it was given.", 'input', 'invalid_encrypted_content')
  }
  return `${GO_ON}\n\n${summary}`
}

/** The request for a summary, of one that ends in the trigger: no call in its place, and no form but its own. */
export function askingForSummary(chat: ChatRequest): ChatRequest {
  const { toolChoice, responseFormat, ...rest } = chat
  const compaction = compact({ toolChoice, responseFormat })
  const asking: ChatRequest = { ...rest, extra: keep({ ...kept(chat), compaction }, chat.extra) }
  if (chat.tools) asking.toolChoice = { type: 'none' }
  return asking
}

/** Whether the answer is to be one `compaction` item. */
export function asksToCompact(chat: ChatRequest | undefined): boolean {
  return chat !== undefined && isObject(kept(chat)['compaction'])
}

/** The request as its client wrote it, for OpenAI. */
export function asWritten(chat: ChatRequest): ChatRequest {
  const { compaction } = kept(chat)
  if (!isObject(compaction)) return beforeUpdates(chat)
  const { toolChoice: _, ...rest } = chat
  return beforeUpdates({ ...rest, ...compaction })
}
