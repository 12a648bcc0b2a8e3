import type { ChatEvent } from '../../chat/index.ts'
import { badAnswer } from '../../upstream/error.ts'
import { isObject, parseObject, text } from '../json.ts'
import { randomHex } from '../../text/random-hex.ts'

interface OpenCall {
  id: string | undefined
  name: string | undefined
  kind: 'function' | 'custom'
  /** Place among the answer's calls; `undefined` until it was told to have begun. */
  index: number | undefined
  /** Arguments that came before the call could begin. */
  waiting: string
}

/**
 * The tool calls of one choice, put together from fragments. OpenAI sends `index` with each, and `id` and name with the
 * first; servers that follow it leave out any of these, send them late, count from 1, put every call under index 0, or send
 * whole calls in one piece.
 */
export class ToolCalls {
  readonly #choice: { choice?: number }
  readonly #calls: OpenCall[] = []
  readonly #byIndex = new Map<number, OpenCall>()
  #begun = 0

  constructor(choice: number) {
    this.#choice = choice === 0 ? {} : { choice }
  }

  get any(): boolean {
    return this.#begun > 0
  }

  push(fragment: unknown, events: ChatEvent[]): void {
    if (!isObject(fragment)) return
    const custom = isObject(fragment['custom']) ? fragment['custom'] : undefined
    const inner = custom ?? (isObject(fragment['function']) ? fragment['function'] : {})
    const id = text(fragment['id'])
    const name = text(inner['name'])
    const more = argumentText(custom ? custom['input'] : inner['arguments'])
    const call = this.#find(fragment['index'], { id, name, more })
    call.id ??= id
    call.name ??= name
    if (custom || fragment['type'] === 'custom') call.kind = 'custom'
    if (call.index === undefined && call.id !== undefined && call.name !== undefined) this.#begin(call, events)
    if (call.index === undefined) call.waiting += more
    else if (more !== '') events.push(this.#delta(call.index, more))
  }

  /** The old `function_call`: one call, without an id. */
  pushFunctionCall(value: unknown, events: ChatEvent[]): void {
    if (isObject(value)) this.push({ index: 0, function: value }, events)
  }

  /**
   * After the last fragment: calls that never got an id get one. What got neither a name nor arguments is no call: gateways put such beside an
   * answer's words, and beside real calls (router-for-me/CLIProxyAPI internal/translator/openai/claude/openai_claude_response_test.go,
   * farion1231/cc-switch pull request 4158).
   */
  end(events: ChatEvent[]): void {
    for (const call of this.#calls) {
      const says = call.name !== undefined || call.waiting.trim() !== ''
      if (call.index === undefined && says) this.#begin(call, events)
    }
  }

  #find(index: unknown, begun: Begun): OpenCall {
    const { id, name } = begun
    const known = typeof index === 'number' ? this.#byIndex.get(index) : this.#withoutIndex(id, name)
    if (known && !isAnother(known, begun)) return known
    const call: OpenCall = { id: undefined, name: undefined, kind: 'function', index: undefined, waiting: '' }
    this.#calls.push(call)
    if (typeof index === 'number') this.#byIndex.set(index, call)
    return call
  }

  #withoutIndex(id: string | undefined, name: string | undefined): OpenCall | undefined {
    if (id !== undefined) return this.#calls.find((call) => call.id === id)
    // A name begins a call, unless the last one still waits for its own.
    const last = this.#calls.at(-1)
    return name === undefined || last?.name === undefined ? last : undefined
  }

  #begin(call: OpenCall, events: ChatEvent[]): void {
    if (call.name === undefined) throw badAnswer('The provider', 'a tool call without a name')
    call.id ??= `call_${randomHex()}`
    call.index = this.#begun++
    events.push({
      type: 'tool-call',
      index: call.index,
      id: call.id,
      name: call.name,
      kind: call.kind,
      ...this.#choice,
    })
    if (call.waiting !== '') events.push(this.#delta(call.index, call.waiting))
    call.waiting = ''
  }

  #delta(index: number, fragment: string): ChatEvent {
    return { type: 'tool-call-delta', index, arguments: fragment, ...this.#choice }
  }
}

/** What a fragment tells of its call. */
interface Begun {
  id: string | undefined
  name: string | undefined
  more: string
}

/**
 * Whether a fragment is of another call than the one at its index: by its id, or, where no call has one, since that one is whole and this has a
 * name and arguments again (huggingface/smolagents pull request 1958, camel-ai/camel pull request 3662).
 */
function isAnother(known: OpenCall, { id, name, more }: Begun): boolean {
  if (name === undefined) return false
  if (known.id !== undefined && id !== undefined) return known.id !== id
  const nameless = known.id === undefined && id === undefined
  return nameless && more.trim() !== '' && parseObject(known.waiting) !== undefined
}

/** Arguments are JSON text; some servers send the value itself. */
function argumentText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
