import type { ChatEvent, FinishReason } from '../chat/index.ts'
import type { JsonObject } from '../json.ts'

/** What an event of each kind has besides, without which no protocol can tell it. */
const NEEDED: Record<ChatEvent['type'], readonly (readonly [field: string, type: 'string' | 'number' | 'object'])[]> = {
  start: [],
  text: [['text', 'string']],
  refusal: [['text', 'string']],
  reasoning: [
    ['index', 'number'],
    ['text', 'string'],
  ],
  'tool-call': [
    ['index', 'number'],
    ['id', 'string'],
    ['name', 'string'],
    ['kind', 'string'],
  ],
  'tool-call-delta': [
    ['index', 'number'],
    ['arguments', 'string'],
  ],
  extra: [['extra', 'object']],
  finish: [['reason', 'string']],
  usage: [['usage', 'object']],
}
const KINDS = new Map<unknown, (typeof NEEDED)[ChatEvent['type']]>(Object.entries(NEEDED))

const REASONS: Record<FinishReason, true> = {
  stop: true,
  length: true,
  tool_calls: true,
  content_filter: true,
  refusal: true,
  pause: true,
  error: true,
}

/** Looks at the events of one answer: a translator in JavaScript may give anything. */
export class EventCheck {
  /** The calls that have begun. */
  readonly #calls = new Set<string>()

  /** What is wrong with an event; `undefined` where it can be told. */
  faultOf(event: JsonObject): string | undefined {
    const { type } = event
    const needed = KINDS.get(type)
    if (!needed) return `gave an event of type \`${String(type)}\`, which there is not`
    for (const [field, kind] of needed) {
      if (typeof event[field] !== kind || event[field] === null) {
        return `gave a \`${String(type)}\` event whose \`${field}\` is no ${kind}`
      }
    }
    if (type === 'finish' && !Object.hasOwn(REASONS, String(event['reason']))) {
      return `gave a \`finish\` event whose \`reason\` is none of ${Object.keys(REASONS).join(', ')}`
    }
    return this.#faultOfCall(event)
  }

  #faultOfCall({ type, index, choice = 0 }: JsonObject): string | undefined {
    if (type !== 'tool-call' && type !== 'tool-call-delta') return undefined
    const call = `${String(choice)} ${String(index)}`
    if (type === 'tool-call') this.#calls.add(call)
    else if (!this.#calls.has(call)) return 'gave a `tool-call-delta` event of a call that has not begun'
    return undefined
  }
}
