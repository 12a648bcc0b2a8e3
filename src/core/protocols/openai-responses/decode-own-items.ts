import { DRAWN, SEALED } from '../../chat/index.ts'
import type { ReasoningPart, TextPart, UserMessage, UserPart } from '../../chat/index.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { AGENT_MESSAGE, readAgentMessage } from './agent-message.ts'
import { readSummary } from './compaction.ts'
import { readUrl } from './decode-content.ts'
import { imagesOf } from './items.ts'
import { keep } from './wire.ts'

/** What a tool or the client answered, which is no word of the model. */
const GIVEN = /_(?:output|response)$/

/**
 * How OpenAI tells items apart, what it alone can open, and Codex' own notes (openai/codex codex-rs/protocol/src/models.rs): nothing to
 * another model.
 */
const UNSAID = new Set([
  'type',
  'id',
  'status',
  'encrypted_content',
  'fingerprint',
  'internal_chat_message_metadata_passthrough',
])

/**
 * An item of a tool that OpenAI runs itself, or of whatever else is OpenAI's alone. OpenAI gets it back as it was; a model of
 * another vendor is told in words what it says, as of Anthropic's own blocks. What only OpenAI can open is for others to refuse.
 */
export function readOwnItem(item: JsonObject, type: string, path: string): UserMessage | TextPart | ReasoningPart {
  const summary = readSummary(item)
  if (summary !== undefined) return { role: 'user', content: [{ type: 'text', text: summary }] }
  if (type === AGENT_MESSAGE) return readAgentMessage(item)
  if (typeof item['encrypted_content'] === 'string') {
    return { ...carry(item), extra: keep({ item }, { [SEALED]: { what: `the item \`${type}\``, param: path } }) }
  }
  if (GIVEN.test(type)) return { role: 'user', content: tellGiven(item), extra: keep({ whole: item }) }
  const images = imagesOf(item)
  const drawn = images.length > 0 && { [DRAWN]: images }
  return { type: 'text', text: tellItem(item), extra: { ...keep({ whole: item }), ...drawn } }
}

/** OpenAI's own item, for OpenAI alone. */
export function carry(item: JsonObject): ReasoningPart {
  return { type: 'reasoning', text: '', format: 'openai-responses-v1', extra: keep({ item }) }
}

/** What an item says, for a model that has no such items. */
export function tellItem(item: JsonObject): string {
  const type = String(item['type'])
  const said = Object.entries(item).filter(
    ([name, value]) => !UNSAID.has(name) && value !== null && !(name === 'result' && type === 'image_generation_call'),
  )
  return said.length === 0 ? `[${type}]` : `[${type}: ${JSON.stringify(Object.fromEntries(said))}]`
}

/** With the screenshot, where it is one (openai-node `ResponseInputItem.ComputerCallOutput`). */
function tellGiven(item: JsonObject): UserPart[] {
  const { output, ...rest } = item
  const url = isObject(output) ? output['image_url'] : undefined
  const source = typeof url === 'string' ? readUrl(url) : undefined
  if (!source) return [{ type: 'text', text: tellItem(item) }]
  return [
    { type: 'text', text: tellItem(rest) },
    { type: 'image', source },
  ]
}
