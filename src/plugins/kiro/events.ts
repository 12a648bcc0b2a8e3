import { ChatError } from '../../index.ts'
import type { ChatEvent, EventDecoder, FinishReason, Frame, Usage } from '../../index.ts'
import { badAnswer, EVENT_STREAM_EXCEPTION, isObject } from '../../kit.ts'
import { readException, shortName } from './errors.ts'
import { markProof } from './proof.ts'
import { Snapshots } from './snapshots.ts'
import { readTokens } from './usage.ts'

/*
 * The events of an answer, each a JSON object.
 *
 * Sources: aws/amazon-q-developer-cli, crates/amzn-codewhisperer-streaming-client/src: event_stream_serde.rs,
 * protocol_serde/shape_{assistant_response,reasoning_content,tool_use,metadata,context_usage,metering}_event.rs.
 */

/** Events that are about the conversation or for Kiro's own screen, and say nothing of the answer. */
const IGNORED = ['initial-response', 'messageMetadataEvent', 'followupPromptEvent'] as const

/** @see crates/amzn-codewhisperer-streaming-client/src/types/_stop_reason.rs */
const FINISH: Record<string, FinishReason> = {
  END_TURN: 'stop',
  TOOL_USE: 'tool_calls',
  MAX_TOKENS: 'length',
  MODEL_CONTEXT_WINDOW_EXCEEDED: 'length',
  CONTENT_FILTERED: 'content_filter',
  PAUSE_TURN: 'pause',
  UNKNOWN: 'error',
}

type Payload = Record<string, unknown>

interface OpenCall {
  index: number
  input: Snapshots
  stopped: boolean
}

/**
 * Reads one streamed answer.
 *
 * Kiro counts no tokens in most answers, but credits and a share of the context window. Those go to `usage.extra`, with
 * `input` and `output` 0; what it does not tell is estimated by who has the request (usage.ts).
 *
 * The last events (`metadataEvent`, `contextUsageEvent`, `meteringEvent`, `messageStopEvent`) come in any order, some of them
 * or all not at all (justlovemaki/AIClient-2-API src/providers/claude/claude-kiro.js goes on without; caidaoli/kiro2api
 * parser/event_stream_types.go knows none), so the answer finishes at the end of the stream. It was cut where nothing had been
 * answered, or a tool call is still open. A connection that breaks, or a message that is not whole, is told by who reads the frames.
 */
export class KiroEvents implements EventDecoder {
  readonly #text = new Snapshots()
  readonly #calls = new Map<string, OpenCall>()
  readonly #others = new Map<string, Payload[]>()
  #reasoning = -1
  #reasoningText = new Snapshots()
  #inReasoning = false
  #started = false
  #closing = false
  #stopReason: string | undefined
  #refused = false
  #tokens: Omit<Usage, 'extra'> | undefined
  #counted: Payload = {}

  push({ event = '', data }: Frame): ChatEvent[] {
    const payload = readPayload(event, data)
    if (event.startsWith(EVENT_STREAM_EXCEPTION))
      return this.#exception(event.slice(EVENT_STREAM_EXCEPTION.length), payload)
    switch (event) {
      case 'assistantResponseEvent':
        return this.#said(payload, this.#content(textOf(payload, 'content')))
      case 'reasoningContentEvent':
        return this.#said(payload, this.#reasoned(payload))
      case 'toolUseEvent':
        return this.#said(payload, this.#toolUse(payload))
      case 'metadataEvent':
        return this.#said(payload, this.#metadata(payload))
      case 'contextUsageEvent':
        this.#closing = true
        Object.assign(this.#counted, payload)
        return []
      case 'meteringEvent':
        this.#closing = true
        this.#counted['meteringEvent'] = payload
        return []
      case 'messageStopEvent':
        this.#closing = true
        this.#stopReason = textOf(payload, 'stopReason') || textOf(payload, 'stop_reason') || this.#stopReason
        return []
      case 'invalidStateEvent':
        throw failure(event, { status: 502 }, payload)
    }
    if ((IGNORED as readonly string[]).includes(event)) return []
    const list = [...(this.#others.get(event) ?? []), payload]
    this.#others.set(event, list)
    return this.#said(payload, [{ type: 'extra', extra: { [event]: list } }])
  }

  end(): ChatEvent[] {
    const native = this.#stopReason
    const open = [...this.#calls.values()].some((call) => !call.stopped)
    const cutShort = native !== undefined && FINISH[native] === 'length'
    const answered = !this.#text.empty || this.#calls.size > 0
    if (!(this.#closing || answered) || (open && !cutShort)) return []
    const events: ChatEvent[] = [{ type: 'finish', reason: this.#reason(), ...(native !== undefined && { native }) }]
    const extra = Object.keys(this.#counted).length > 0 ? { extra: this.#counted } : {}
    if (this.#tokens) events.push({ type: 'usage', usage: { ...this.#tokens, ...extra } })
    else if (extra.extra) events.push({ type: 'usage', usage: { input: 0, output: 0, ...extra } })
    return this.#said({}, events)
  }

  #reason(): FinishReason {
    if (this.#refused) return 'refusal'
    const reason = this.#stopReason === undefined ? 'stop' : (FINISH[this.#stopReason] ?? 'stop')
    // Kiro says END_TURN of a turn that ends in calls, too.
    return reason === 'stop' && this.#calls.size > 0 ? 'tool_calls' : reason
  }

  /** Puts `start` before the first events. `auto` is answered by another model, which the first event names. */
  #said(payload: Payload, events: ChatEvent[]): ChatEvent[] {
    if (this.#started || events.length === 0) return events
    this.#started = true
    const model = textOf(payload, 'modelId')
    return [model === '' ? { type: 'start' } : { type: 'start', model }, ...events]
  }

  #content(content: string): ChatEvent[] {
    const text = this.#text.add(content)
    if (text === '') return []
    this.#inReasoning = false
    return [{ type: 'text', text }]
  }

  #reasoned(payload: Payload): ChatEvent[] {
    const signature = textOf(payload, 'signature')
    const redacted = textOf(payload, 'redactedContent')
    if (!this.#inReasoning || redacted !== '') {
      this.#reasoning++
      this.#reasoningText = new Snapshots()
    }
    const text = this.#reasoningText.add(textOf(payload, 'text'))
    // What comes after a proof is another piece.
    this.#inReasoning = signature === '' && redacted === ''
    if (text === '' && this.#inReasoning) return []
    return [
      {
        type: 'reasoning',
        index: this.#reasoning,
        text,
        format: 'unknown',
        ...(signature !== '' && { signature: markProof(signature) }),
        ...(redacted !== '' && { encrypted: markProof(redacted) }),
      },
    ]
  }

  #toolUse(payload: Payload): ChatEvent[] {
    const id = textOf(payload, 'toolUseId')
    if (id === '') throw badAnswer('Kiro', 'a toolUseEvent without toolUseId')
    this.#inReasoning = false
    const events: ChatEvent[] = []
    let call = this.#calls.get(id)
    if (!call) {
      const name = textOf(payload, 'name')
      if (name === '') throw badAnswer('Kiro', 'a toolUseEvent without a name')
      call = { index: this.#calls.size, input: new Snapshots(), stopped: false }
      this.#calls.set(id, call)
      events.push({ type: 'tool-call', index: call.index, id, name, kind: 'function' })
    }
    // An answer may tell of a whole call once more.
    if (call.stopped) return events
    const fragment = call.input.add(inputOf(payload['input']))
    if (fragment !== '') events.push({ type: 'tool-call-delta', index: call.index, arguments: fragment })
    if (payload['stop'] === true) {
      call.stopped = true
      // A call without arguments has no fragments; clients expect JSON.
      if (call.input.empty) events.push({ type: 'tool-call-delta', index: call.index, arguments: '{}' })
    }
    return events
  }

  #metadata(payload: Payload): ChatEvent[] {
    const { tokenUsage, stopReason, stopDetails } = payload
    if (isObject(tokenUsage)) {
      const { tokens, extra } = readTokens(tokenUsage)
      if (tokens) this.#tokens = tokens
      Object.assign(this.#counted, extra)
    }
    if (typeof stopReason === 'string' && stopReason !== '') {
      this.#stopReason = stopReason
      this.#closing = true
    }
    if (!isObject(stopDetails)) return []
    const refusal = stopDetails['refusal']
    this.#refused ||= isObject(refusal)
    const explanation = isObject(refusal) ? textOf(refusal, 'explanation') : ''
    const events: ChatEvent[] = explanation === '' ? [] : [{ type: 'refusal', text: explanation }]
    return [...events, { type: 'extra', extra: { stopDetails } }]
  }

  /** @throws {ChatError} unless it only says that the answer has become as long as can be (hank9999/kiro.rs, src/anthropic/stream.rs). */
  #exception(name: string, payload: Payload): ChatEvent[] {
    if (shortName(name) !== 'ContentLengthExceededException') throw failure(name, {}, payload)
    this.#stopReason = 'MAX_TOKENS'
    this.#closing = true
    return []
  }
}

function failure(name: string, fallback: { status?: number }, payload: Payload): ChatError {
  const { message = 'reported an error without a message.', status, ...info } = readException(name, payload)
  return new ChatError(`Kiro: ${message}`, { ...info, status: status ?? fallback.status ?? 502, provider: 'kiro' })
}

function readPayload(event: string, data: string): Payload {
  let payload: unknown
  try {
    payload = data === '' ? {} : JSON.parse(data)
  } catch (cause) {
    if (event.startsWith(EVENT_STREAM_EXCEPTION)) return { message: data }
    throw badAnswer('Kiro', `a ${event || 'nameless event'} that is not JSON`, cause)
  }
  if (isObject(payload)) return payload
  throw badAnswer('Kiro', `a ${event || 'nameless event'} that is not a JSON object`)
}

function textOf(payload: Payload, name: string): string {
  const value = payload[name]
  return typeof value === 'string' ? value : ''
}

/** Fragments of JSON text. Some answers give the arguments whole, as an object; an empty one comes before fragments. */
function inputOf(input: unknown): string {
  if (typeof input === 'string') return input
  return isObject(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : ''
}
