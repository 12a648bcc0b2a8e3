import type { ChatTool, UserMessage } from '../../chat/index.ts'
import { isObject, objects } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { keep } from './wire.ts'

/*
 * What agents of Codex tell each other: a task, a message on the way, an answer. It comes to the one who is to read it as an item of its own,
 * `agent_message`, and goes out as an argument of a call, which OpenAI encrypts where the tool's schema says so: Codex passes on what it
 * cannot read, and takes all of it for encrypted unless the call says that nothing is (`encrypted_function_args: []`).
 *
 * Sources: openai/codex pull requests 26210, 27830 and 28368 (the items), issues 33551, 37197 and 37858 (what other vendors' models are sent,
 * how Codex tells the two apart, and that what OpenAI encrypted begins with `gAAAA`, as a Fernet token does).
 */

export const AGENT_MESSAGE = 'agent_message'

const ENCRYPTED = /^gAAAA[\w-]{40,}={0,2}$/
const WITH_ENCRYPTED = /"gAAAA[\w-]{40,}={0,2}"/

const UNREADABLE = '[encrypted_content: only a model of OpenAI can read it]'

/** An `agent_message` for a model of another vendor, to which it is said by others, and as it came for OpenAI. */
export function readAgentMessage(item: JsonObject): UserMessage {
  const whole = withReadable(item)
  const texts = objects(whole['content']).flatMap(({ type, text }) => {
    if (type === 'encrypted_content') return [UNREADABLE]
    return typeof text === 'string' && text !== '' ? [text] : []
  })
  return { role: 'user', content: texts.map((text) => ({ type: 'text', text })), extra: keep({ whole }) }
}

/** The item with what it holds as encrypted, and is not, as text: a model of another vendor wrote it, and OpenAI would fail to open it. */
export function withReadable(item: JsonObject): JsonObject {
  const { content } = item
  if (!Array.isArray(content) || !content.some(isPlain)) return item
  return { ...item, content: content.map((part: unknown) => (isPlain(part) ? asText(part) : part)) }
}

function isPlain(part: unknown): part is JsonObject {
  if (!isObject(part) || part['type'] !== 'encrypted_content') return false
  const { encrypted_content: text } = part
  return typeof text === 'string' && !ENCRYPTED.test(text)
}

function asText({ encrypted_content: text }: JsonObject): JsonObject {
  return { type: 'input_text', text }
}

/** The tools, by their names, of which OpenAI would encrypt an argument. */
export function encryptingTools(tools: readonly ChatTool[] = []): Set<string> {
  return new Set(tools.flatMap((tool) => (tool.type === 'function' && encrypts(tool.parameters) ? [tool.name] : [])))
}

function encrypts(parameters: JsonObject | undefined): boolean {
  const { properties } = parameters ?? {}
  return isObject(properties) && Object.values(properties).some((one) => isObject(one) && one['encrypted'] === true)
}

/** What a call of such a tool says of itself where nothing in it is encrypted. */
export function plainFacts(name: string, text: string, encrypting: ReadonlySet<string>): JsonObject {
  return encrypting.has(name) && !WITH_ENCRYPTED.test(text) ? { encrypted_function_args: [] } : {}
}
