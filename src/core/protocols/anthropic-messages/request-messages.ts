import { isSystem, withResultsInPlace } from '../../chat/index.ts'
import type { ChatMessage, SystemMessage, TextPart, ToolMessage, UserMessage } from '../../chat/index.ts'
import { blockOf, isToolChange } from './blocks.ts'
import type { JsonObject } from '../json.ts'
import { endsWithUser, GO_ON, NO_TEXT, OPENING } from '../opening.ts'
import { writeAssistantPart, writeToolResult, writeUserPart } from './request-content.ts'
import type { Writing } from './request-content.ts'
import { withOwnIds } from './tool-ids.ts'
import type { ClaudeTraits } from './traits.ts'

interface Turn extends JsonObject {
  role: 'user' | 'assistant' | 'system'
  content: JsonObject[]
}

export interface Conversation {
  system: JsonObject[]
  messages: Turn[]
}

/**
 * Writes `system` and `messages`.
 *
 * System and developer messages that open the conversation are `system`. A later one stays in its place: as a `system`
 * message where the model takes them and it stands after a user's turn, else as a user's text in `<system>` tags.
 * Messages of one role that follow each other become one, and the results of tools stand first in theirs, as Anthropic
 * demands. Where an answer that is begun may not stand last, a user asks to go on with it: OpenAI's models take one for a message like
 * any other, and opencode ends with one where an agent has taken its last step (anomalyco/opencode issue 13768).
 *
 * @see https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
 */
export function writeMessages(
  given: readonly ChatMessage[],
  writing: Writing,
  { systemMessages, prefill }: Pick<ClaudeTraits, 'systemMessages' | 'prefill'>,
): Conversation {
  const messages = withOwnIds(withResultsInPlace(given))
  const opening = messages.findIndex((message) => !isSystem(message) || isOwnTurn(message, writing))
  if (opening === -1) return onlySystem(messages, writing)
  const system = messages
    .slice(0, opening)
    .filter(isSystem)
    .flatMap((message, index) => writeParts(message, writing, `messages[${index}]`))
  const turns: Turn[] = []
  for (let index = opening; index < messages.length; index++) {
    const message = messages[index]
    if (message) writeMessage(message, index, messages, { turns, writing, systemMessages })
  }
  if (turns[0]?.role === 'assistant') turns.unshift({ role: 'user', content: [{ type: 'text', text: OPENING }] })
  if (turns.at(-1)?.role === 'assistant' && (endsWithUser(messages) || !prefill)) {
    turns.push({ role: 'user', content: [{ type: 'text', text: endsWithUser(messages) ? NO_TEXT : GO_ON }] })
  }
  trimPrefill(turns.at(-1))
  return { system, messages: turns }
}

/**
 * Whether it is a system message of this very format that says more than its text: `output_config`, `clear_at`, which tools there are
 * (`BetaSystemMessageParam` of @anthropic-ai/sdk). It stays as it is and where it is, for what it says holds from there on.
 */
function isOwnTurn(message: ChatMessage, { own }: Writing): boolean {
  return own && message.role === 'system' && (message.extra !== undefined || message.content.some(changesTools))
}

function changesTools(part: TextPart): boolean {
  const block = blockOf(part)
  return block !== undefined && isToolChange(block)
}

interface Writer {
  turns: Turn[]
  writing: Writing
  systemMessages: boolean
}

function writeMessage(message: ChatMessage, index: number, all: readonly ChatMessage[], writer: Writer): void {
  const { turns, writing } = writer
  const path = `messages[${index}]`
  switch (message.role) {
    case 'user':
      return append(turns, 'user', writeParts(message, writing, path))
    case 'assistant':
      return append(
        turns,
        'assistant',
        present(message.content.map((part, at) => writeAssistantPart(part, writing, `${path}.content[${at}]`))),
      )
    case 'tool':
      return appendResult(turns, message, writing, path)
    case 'system':
    case 'developer': {
      const blocks = writeParts(message, writing, path)
      if (isOwnTurn(message, writing)) {
        turns.push({ ...message.extra, role: 'system', content: blocks })
        return
      }
      const next = all.slice(index + 1).find((later) => !isSystem(later))
      const last = turns.at(-1)?.role
      const mayStand = (last === 'user' || last === 'system') && (next === undefined || next.role === 'assistant')
      if (writer.systemMessages && mayStand) return append(turns, 'system', blocks)
      return append(turns, 'user', blocks.map(inTags))
    }
  }
}

function writeParts(message: SystemMessage | UserMessage, writing: Writing, path: string): JsonObject[] {
  return present(message.content.map((part, at) => writeUserPart(part, writing, `${path}.content[${at}]`)))
}

function present(blocks: (JsonObject | undefined)[]): JsonObject[] {
  return blocks.filter((block) => block !== undefined)
}

function append(turns: Turn[], role: Turn['role'], blocks: JsonObject[]): void {
  if (blocks.length === 0) return
  const last = turns.at(-1)
  if (last?.role === role) last.content.push(...blocks)
  else turns.push({ role, content: blocks })
}

/** Results follow the turn that asked for them, before all else a user says. */
function appendResult(turns: Turn[], message: ToolMessage, writing: Writing, path: string): void {
  const block = writeToolResult(message, writing, path)
  const last = turns.at(-1)
  if (last?.role !== 'user') return append(turns, 'user', [block])
  const after = last.content.findIndex(({ type }) => type !== 'tool_result')
  last.content.splice(after === -1 ? last.content.length : after, 0, block)
}

function inTags(block: JsonObject): JsonObject {
  return block['type'] === 'text' ? { ...block, text: `<system>\n${String(block['text'])}\n</system>` } : block
}

/** A request of system messages alone, as OpenAI allows: the last is what there is to answer. */
function onlySystem(messages: readonly ChatMessage[], writing: Writing): Conversation {
  const written = messages.filter(isSystem).map((message, index) => writeParts(message, writing, `messages[${index}]`))
  const said = written.filter((blocks) => blocks.length > 0)
  const question = said.pop()
  return { system: said.flat(), messages: question ? [{ role: 'user', content: question }] : [] }
}

/** An answer begun for the model must not end in white space. */
function trimPrefill(last: Turn | undefined): void {
  const block = last?.role === 'assistant' ? last.content.at(-1) : undefined
  if (block?.['type'] === 'text') block['text'] = String(block['text']).trimEnd()
}
