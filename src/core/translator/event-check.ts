import type { FinishReason } from '../chat/index.ts'
import type { JsonObject } from '../json/json.ts'

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
  #calls: Set<string> | undefined

  /** What is wrong with an event; `undefined` where it can be told. */
  faultOf(event: JsonObject): string | undefined {
    const fault = faultOfEvent(event)
    if (fault !== undefined) return `gave ${fault}`
    if (event['type'] === 'tool-call') (this.#calls ??= new Set()).add(callOf(event))
    if (event['type'] !== 'tool-call-delta' || this.#calls?.has(callOf(event))) return undefined
    return 'gave a `tool-call-delta` event of a call that has not begun'
  }
}

/** What is wrong with an event by itself. By no table: each event of each stream comes by here. */
export function faultOfEvent(event: JsonObject): string | undefined {
  switch (event['type']) {
    case 'start':
      return undefined
    case 'text':
    case 'refusal':
      return faultOfField(event, 'text', 'string')
    case 'reasoning':
      return faultOfField(event, 'index', 'number') ?? faultOfField(event, 'text', 'string')
    case 'tool-call':
      return (
        faultOfField(event, 'index', 'number') ??
        faultOfField(event, 'id', 'string') ??
        faultOfField(event, 'name', 'string') ??
        faultOfField(event, 'kind', 'string')
      )
    case 'tool-call-delta':
      return faultOfField(event, 'index', 'number') ?? faultOfField(event, 'arguments', 'string')
    case 'extra':
      return faultOfField(event, 'extra', 'object')
    case 'usage':
      return faultOfField(event, 'usage', 'object')
    case 'finish':
      return faultOfFinish(event)
    default:
      return `an event of type \`${String(event['type'])}\`, which there is not`
  }
}

function callOf({ choice = 0, index }: JsonObject): string {
  return `${String(choice)} ${String(index)}`
}

function faultOfFinish(event: JsonObject): string | undefined {
  const { reason } = event
  if (typeof reason !== 'string' || Object.hasOwn(REASONS, reason)) return faultOfField(event, 'reason', 'string')
  return `a \`finish\` event whose \`reason\` is none of ${Object.keys(REASONS).join(', ')}`
}

/** Without it no protocol can tell the event. */
function faultOfField(event: JsonObject, field: string, kind: 'string' | 'number' | 'object'): string | undefined {
  const value = event[field]
  if (typeof value === kind && value !== null) return undefined
  return `a \`${String(event['type'])}\` event whose \`${field}\` is no ${kind}`
}
