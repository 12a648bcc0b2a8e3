import { isObject, objects, rest } from '../json.ts'
import type { JsonObject } from '../json.ts'

/*
 * What the items of an answer say beside their words: whether a message is commentary or the final answer (`phase`), which OpenAI wants
 * back with it ("dropping it can degrade performance", openai-node `ResponseOutputMessage`); whether the model goes on without a call's
 * result (`async`), and which program called (`caller`, openai-node `ResponseFunctionToolCall`). The neutral model has no word for
 * these, and keeps messages that follow each other as one text. Nor has it any for what else the whole says, such as that the turn goes
 * on (`end_turn`, which ChatGPT tells Codex: openai/codex pull request 19610) or what tools were used (`tool_usage`).
 */

/** A message of an answer: where its words begin, in UTF-16 units of all that the answer says, and what else it says of itself. */
export interface OwnMessage {
  from: number
  item: JsonObject
  /** They count from its own first word. */
  annotations: JsonObject[]
}

const OF_MESSAGES = new Set(['id', 'type', 'status', 'role', 'content'])
const OF_CALLS = new Set(['id', 'type', 'status', 'call_id', 'name', 'namespace', 'arguments', 'input'])

/** What byok writes of a response itself (`response.ts`). */
const OF_RESPONSES = new Set([
  'id',
  'object',
  'created_at',
  'status',
  'background',
  'error',
  'incomplete_details',
  'instructions',
  'max_output_tokens',
  'model',
  'output',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'store',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'usage',
  'user',
  'metadata',
])

/** Collects them as an answer is read. */
export class OwnFacts {
  readonly #messages: OwnMessage[] = []
  readonly #calls: JsonObject = {}
  /** By the place of a message: what it says of itself, and whether it has said a word. */
  readonly #known = new Map<number, { message: OwnMessage; begun: boolean }>()
  #said = 0
  #response: JsonObject | undefined

  /** All so far, as an answer's `extra` keeps it. */
  get facts(): JsonObject {
    const messages = this.#messages.map(({ annotations, ...message }) => ({
      ...message,
      annotations: [...annotations],
    }))
    return { messages, calls: { ...this.#calls }, ...(this.#response && { response: this.#response }) }
  }

  /** Reads an item, begun or whole. @returns whether that is to be told before anything else is */
  reads(item: JsonObject, at: number): boolean {
    const { type, call_id: callId } = item
    if (type === 'message') {
      const { message, begun } = this.#at(at)
      const news = newsOf(item, OF_MESSAGES, message.item)
      Object.assign(message.item, news)
      return begun && Object.keys(news).length > 0
    }
    if ((type !== 'function_call' && type !== 'custom_tool_call') || typeof callId !== 'string') return false
    const { [callId]: before = {} } = this.#calls
    const news = newsOf(item, OF_CALLS, isObject(before) ? before : {})
    if (Object.keys(news).length === 0) return false
    this.#calls[callId] = { ...(isObject(before) && before), ...news }
    return true
  }

  /** Counts words of the message at a place. @returns whether something is to be told before them */
  says(at: number, words: string): boolean {
    const known = this.#at(at)
    const from = this.#said
    this.#said += words.length
    if (known.begun) return false
    known.begun = true
    known.message.from = from
    this.#messages.push(known.message)
    return this.#messages.length > 1 || Object.keys(known.message.item).length > 0
  }

  /** Takes note of what the message at a place cites. */
  cites(at: number, annotation: JsonObject): void {
    this.#at(at).message.annotations.push(annotation)
  }

  /** Reads the response as it ended. @returns whether that is to be told */
  ends(response: JsonObject): boolean {
    const others = rest(response, OF_RESPONSES)
    if (others) this.#response = others
    return others !== undefined
  }

  #at(at: number) {
    const known = this.#known.get(at) ?? { message: { from: 0, item: {}, annotations: [] }, begun: false }
    this.#known.set(at, known)
    return known
  }
}

/** What an item says that is not known by name, and was not said before. */
function newsOf(item: JsonObject, names: ReadonlySet<string>, before: JsonObject): JsonObject {
  const said = Object.entries(rest(item, names) ?? {})
  return Object.fromEntries(said.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])))
}

export function messagesOf({ messages }: JsonObject): OwnMessage[] {
  return objects(messages).flatMap(({ from, item, annotations }) =>
    typeof from === 'number' && isObject(item) ? [{ from, item, annotations: objects(annotations) }] : [],
  )
}

export function factsOfCall({ calls }: JsonObject, id: string): JsonObject {
  const facts = isObject(calls) ? calls[id] : undefined
  return isObject(facts) ? facts : {}
}

/** What the whole says of itself beside what byok writes. */
export function factsOfResponse({ response }: JsonObject): JsonObject {
  return isObject(response) ? response : {}
}
