import { hash as digest } from 'node:crypto'

/** What a request tells of the conversation it belongs to. */
export interface Conversation {
  /** Names it, where it can be told: a hash, never the text. */
  key: string | undefined
  /** Whether there was an answer before, so that a prompt cache may be warm; or the client names the conversation itself. */
  continued: boolean
  /** Whether the provider holds what was said before, so that nobody else can go on from it. */
  held: boolean
}

/**
 * Tells one conversation from another by what stays the same over its turns. The answer it goes on from counts first, where the
 * provider holds the rest; then a client's own name for it: `prompt_cache_key`, `user`, Anthropic's `metadata.user_id`. Else it is what was said before the first answer: the system
 * prompt and the first message of the user. Reads the bodies of all protocols that clients speak, and the neutral model.
 */
export function conversationOf(body: Record<string, unknown>): Conversation {
  const named = nameIn(body)
  if (named !== undefined) return { key: hash(named), continued: true, held: named[0] === ANSWER }
  const turns = turnsOf(body)
  if (turns === undefined) return UNKNOWN
  if (typeof turns === 'string') return { key: hash([systemOf(body), turns]), continued: false, held: false }
  const first = turns.findIndex((turn) => roleOf(turn) === 'user')
  if (first === -1) return UNKNOWN
  const continued = turns.some((turn) => ANSWERS.has(roleOf(turn) ?? ''))
  return { key: hash([systemOf(body), turns.slice(0, first + 1)]), continued, held: false }
}

const UNKNOWN: Conversation = { key: undefined, continued: false, held: false }
/** What a conversation is named by that goes on from an answer. */
const ANSWER = 'answer'

/** An answer's id as a conversation, for requests that go on from it by `previous_response_id`, `previous_interaction_id` or `thread`. */
export function answerKey(id: string): string {
  return hash([ANSWER, id])
}

/** `model` is Gemini's word. The Responses API has items without a role that only an answer holds. */
const ANSWERS = new Set(['assistant', 'model', 'function_call', 'reasoning', 'custom_tool_call'])

function nameIn(body: Record<string, unknown>): unknown[] | undefined {
  const { previous_response_id: response, thread, user, metadata } = body
  // Anthropic's holds a conversation for the account that began it (`BetaThreadContinueParams` of @anthropic-ai/sdk).
  const message = typeof thread === 'object' && thread !== null && 'previous_message_id' in thread
  const previous = message ? thread.previous_message_id : (response ?? body['previous_interaction_id'])
  const cacheKey = body['prompt_cache_key'] ?? body['promptCacheKey']
  if (isText(previous)) return [ANSWER, previous]
  if (isText(cacheKey)) return ['prompt_cache_key', cacheKey]
  if (isText(user)) return ['user', user]
  if (typeof metadata === 'object' && metadata !== null && 'user_id' in metadata && isText(metadata.user_id)) {
    return ['user', metadata.user_id]
  }
  return undefined
}

function turnsOf({ messages, input, contents }: Record<string, unknown>): unknown[] | string | undefined {
  return [messages, input, contents].find((turns): turns is unknown[] | string => Array.isArray(turns) || isText(turns))
}

function systemOf(body: Record<string, unknown>): unknown {
  return body['system'] ?? body['instructions'] ?? body['systemInstruction'] ?? body['system_instruction'] ?? null
}

/** A turn's role; Gemini's without one is the user's. */
function roleOf(turn: unknown): string | undefined {
  if (typeof turn !== 'object' || turn === null) return undefined
  if ('role' in turn && typeof turn.role === 'string') return turn.role
  if ('parts' in turn) return 'user'
  return 'type' in turn && typeof turn.type === 'string' ? turn.type : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Cache marks move from turn to turn and are no part of what was said. */
const MARKS = new Set(['cache_control', 'cacheControl'])
/** Characters. Of a longer text, which is most often an image, only the ends and the length count: to read 20 MB takes as long as to send them. */
const LONG = 4096

function hash(value: unknown): string {
  return digest('sha256', outlineOf(value), 'base64url').slice(0, 22)
}

/** Texts with their lengths before them, so that no two values have the same outline. */
function outlineOf(value: unknown): string {
  if (typeof value === 'string') {
    const ends = value.length > LONG ? value.slice(0, LONG / 2) + value.slice(-LONG / 2) : value
    return `${value.length}:${ends}`
  }
  if (Array.isArray(value)) {
    let outline = '['
    for (const item of value) outline += outlineOf(item)
    return `${outline}]`
  }
  if (typeof value !== 'object' || value === null) return `${String(value)},`
  let outline = '{'
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined && !MARKS.has(key)) outline += `${key.length}:${key}${outlineOf(inner)}`
  }
  return `${outline}}`
}
