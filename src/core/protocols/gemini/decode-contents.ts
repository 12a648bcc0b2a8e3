import type {
  AssistantPart,
  ChatMessage,
  SystemMessage,
  ToolCallPart,
  ToolMessage,
  UserMessage,
} from '../../chat/index.ts'
import {
  addPart,
  isPartLike,
  nest,
  readModelPart,
  readPart,
  readResult,
  readSignature,
  withRest,
} from './decode-parts.ts'
import { invalid, Reader } from './reader.ts'

/** Reads `systemInstruction`: a Content whose parts are text. Plain text is taken too. */
export function readSystem(value: unknown): SystemMessage[] {
  if (value === undefined || value === null || value === '') return []
  if (typeof value === 'string') return [{ role: 'system', content: [{ type: 'text', text: value }] }]
  const content = Reader.of(isPartLike(value) ? { parts: [value] } : value, 'systemInstruction')
  const texts = (content.readers('parts') ?? []).map((part) => {
    const read = readPart(part)
    if (read?.type === 'text') return read
    throw invalid(part.path('text'), 'a system instruction is text')
  })
  return texts.length > 0 ? [{ role: 'system', content: texts }] : []
}

/** Reads `contents`. */
export function readContents(value: unknown): ChatMessage[] {
  // One Content, a list of them, and plain text are what Google's libraries send.
  const list: unknown[] = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
  if (list.length === 0) throw invalid('contents', 'contents are required')
  const reader = new ContentReader()
  list.forEach((item, index) => {
    const content = typeof item === 'string' ? { parts: [{ text: item }] } : isPartLike(item) ? { parts: [item] } : item
    reader.push(Reader.of(content, `contents[${index}]`))
  })
  return reader.messages
}

interface OpenCall {
  id: string
  name: string
}

/**
 * By the words that clients have for them. Google's older models had `function` for results; its newer ones take OpenAI's `assistant` and
 * `developer`: "Please use a valid role: SYSTEM, USER, ASSISTANT, DEVELOPER, CONTEXT, USER_CONTEXT, MODEL..." (sashiko-dev/sashiko pull
 * request 500). npm's multi-llm-ts 5.1.1 says `assistant` and `tool`.
 */
const SPEAKERS = new Map<string, 'model' | 'user' | 'system'>([
  ['model', 'model'],
  ['assistant', 'model'],
  ['user', 'user'],
  ['function', 'user'],
  ['tool', 'user'],
  ['system', 'system'],
  ['developer', 'system'],
])

class ContentReader {
  readonly messages: ChatMessage[] = []
  /** Calls without a result so far. */
  readonly #open: OpenCall[] = []
  /** The ids of calls that have one. */
  readonly #done = new Set<string>()
  #calls = 0

  push(content: Reader): void {
    const role = content.string('role') ?? 'user'
    const parts = content.readers('parts') ?? []
    const speaker = SPEAKERS.get(role)
    if (speaker === 'model') return this.#model(parts)
    if (speaker === 'user') return this.#user(parts)
    if (speaker === 'system') return void this.messages.push(...readSystem({ parts: content.raw('parts') }))
    throw invalid(content.path('role'), 'please use a valid role: user, model')
  }

  #user(parts: Reader[]): void {
    let message: UserMessage | undefined
    for (const part of parts) {
      const response = part.nested('functionResponse')
      if (response) {
        const result = this.#result(response, part)
        const begun = this.#begun(result)
        if (begun) begun.content.push(...result.content)
        else this.messages.push(result)
        message = undefined
        continue
      }
      const read = readPart(part)
      if (!read) throw invalid(part.path('data'), "required oneof field 'data' must have one initialized field")
      if (!message) this.messages.push((message = { role: 'user', content: [] }))
      message.content.push(read)
    }
  }

  /** The result of this turn that another is more of. */
  #begun({ toolCallId: id, isError, extra }: ToolMessage): ToolMessage | undefined {
    if (!this.#done.has(id) || isError || extra) return undefined
    const turn = this.messages.slice(this.messages.findLastIndex(({ role }) => role === 'assistant') + 1)
    return turn.find((message): message is ToolMessage => message.role === 'tool' && message.toolCallId === id)
  }

  #result(response: Reader, part: Reader): ToolMessage {
    const name = response.string('name')
    const given = response.string('id')
    const call = this.#answered(given, name)
    const toolCallId = call?.id ?? given
    if (toolCallId === undefined) throw invalid(response.path('name'), 'there is no function call it could answer')
    const { content, isError } = readResult(response)
    const message: ToolMessage = { role: 'tool', toolCallId, content, ...(isError && { isError }) }
    if (!call && name !== undefined) message.name = name
    return withRest(message, nest('functionResponse', response.rest(), part.rest()))
  }

  /**
   * The call a result is for. One without an id, or with an id that no call has, is for the first of its name: gemini-cli makes ids for
   * calls that have none, and sends them with the results alone (google-gemini/gemini-cli packages/core/src/core/turn.ts). More of a result is
   * for nobody else: the AI SDK tells each text of one by itself (`appendLegacyToolResultParts` of vercel/ai packages/google).
   */
  #answered(id: string | undefined, name: string | undefined): OpenCall | undefined {
    const own = id === undefined ? -1 : this.#open.findIndex((call) => call.id === id)
    if (own === -1 && id !== undefined && this.#done.has(id)) return undefined
    const at = own === -1 ? this.#open.findIndex((call) => call.name === name) : own
    const call = at === -1 ? undefined : this.#open.splice(at, 1)[0]
    if (call) this.#done.add(call.id)
    return call
  }

  /**
   * Neighbours are one turn: chats of Google's SDKs keep each message of a stream as a Content of its own. What says nothing, such as
   * the empty text that ends a stream, is no turn.
   */
  #model(parts: Reader[]): void {
    const last = this.messages.at(-1)
    const content: AssistantPart[] = last?.role === 'assistant' ? last.content : []
    for (const part of parts) {
      const call = part.nested('functionCall')
      for (const read of call ? this.#call(call, part) : readModelPart(part)) addPart(content, read)
    }
    if (last?.role !== 'assistant' && content.length > 0) this.messages.push({ role: 'assistant', content })
  }

  #call(call: Reader, part: Reader): AssistantPart[] {
    const name = call.string('name')
    if (name === undefined) throw invalid(call.path('name'), 'it is required')
    const id = call.string('id') ?? `call_${++this.#calls}`
    const signature = part.string('thoughtSignature')
    part.boolean('thought')
    this.#open.push({ id, name })
    const args: unknown = call.object('args') ?? {}
    const read: ToolCallPart = { type: 'tool-call', id, name, kind: 'function', arguments: JSON.stringify(args) }
    const whole = withRest(read, nest('functionCall', call.rest(), part.rest()))
    return [...(signature === undefined ? [] : readSignature(signature, id)), whole]
  }
}
