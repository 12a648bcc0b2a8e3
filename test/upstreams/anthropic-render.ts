import { createHash } from 'node:crypto'
import type { Answer, Reply } from '../../src/testing/fake-server.ts'
import type { Script, ScriptFinish, ScriptStep } from '../../src/testing/script.ts'
import type { Json } from './anthropic-check.ts'
import { anthropicFailure, anthropicHeaders, errorBody, sendAnthropicError } from './anthropic-failures.ts'
import { playStream, playWhole } from './play.ts'
import type { ContentStep } from './play.ts'

/**
 * Answers a good request, whole or streamed, in the shapes of `Message` and `RawMessageStreamEvent` of
 * @anthropic-ai/sdk and of platform.claude.com/docs/en/build-with-claude/streaming.
 *
 * @param issued Takes the thinking that is signed here, by its signature.
 * @param answered Given the whole answer before any of it is sent.
 */
export async function answerMessages(
  body: Json,
  reply: Reply,
  answer: Answer,
  issued: Map<string, string>,
  answered?: (message: () => Json) => void,
): Promise<void> {
  if ('failure' in answer) return sendAnthropicError(reply, anthropicFailure(answer.failure, body.model))
  const message = new AnthropicMessage(body, answer.script, issued)
  answered?.(() => message.whole())
  return body.stream === true ? await stream(message, reply) : await whole(message, reply)
}

async function stream(message: AnthropicMessage, reply: Reply): Promise<void> {
  reply.begin(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...anthropicHeaders(),
  })
  const send = async (events: Json[]) => {
    for (const event of events) await reply.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  }
  await send([message.start()])
  const closes = await playStream(message.script, reply, {
    say: (step) => send(message.step(step)),
    async fail(failure) {
      await send([errorBody(anthropicFailure(failure, message.body.model), 'req_011streamed')])
      reply.end()
    },
  })
  if (!closes) return
  await send(message.end())
  reply.end()
}

async function whole(message: AnthropicMessage, reply: Reply): Promise<void> {
  await playWhole(message.script, reply, {
    headers: anthropicHeaders(),
    body: () => JSON.stringify(message.whole()),
    fail: (failure) => sendAnthropicError(reply, anthropicFailure(failure, message.body.model)),
  })
}

let answers = 0

/** One answer. */
class AnthropicMessage {
  readonly body: Json
  readonly script: Script
  readonly #issued: Map<string, string>
  readonly #id = `msg_01fake${String(++answers).padStart(18, '0')}`
  #index = -1
  #open: 'text' | undefined
  #pinged = false

  constructor(body: Json, script: Script, issued: Map<string, string>) {
    this.body = body
    this.script = script
    this.#issued = issued
  }

  start(): Json {
    const usage = { ...this.#usage(), output_tokens: 1 }
    return {
      type: 'message_start',
      message: { ...this.#frame(), content: [], stop_reason: null, stop_sequence: null, usage },
    }
  }

  step(step: ContentStep): Json[] {
    if ('text' in step || 'refusal' in step) {
      const words = 'text' in step ? list(step.text) : [step.refusal]
      const opening = this.#open === 'text' ? [] : [...this.#close(), ...this.#begin({ type: 'text', text: '' })]
      this.#open = 'text'
      return [...opening, ...words.map((text) => this.#delta({ type: 'text_delta', text }))]
    }
    const closing = this.#close()
    if ('reasoning' in step) {
      const { thinking, signature } = this.#thinking(step)
      const words = thinking === '' ? [] : list(step.reasoning)
      return [
        ...closing,
        ...this.#begin({ type: 'thinking', thinking: '', signature: '' }),
        ...words.map((text) => this.#delta({ type: 'thinking_delta', thinking: text })),
        this.#delta({ type: 'signature_delta', signature }),
        ...this.#stop(),
      ]
    }
    const { id, name, arguments: json } = step.toolCall
    return [
      ...closing,
      ...this.#begin({ type: 'tool_use', id, name, input: {} }),
      this.#delta({ type: 'input_json_delta', partial_json: '' }),
      ...list(json).map((fragment) => this.#delta({ type: 'input_json_delta', partial_json: fragment })),
      ...this.#stop(),
    ]
  }

  end(): Json[] {
    const delta = { stop_reason: this.#stopReason(), stop_sequence: this.script.stopSequence ?? null }
    return [...this.#close(), { type: 'message_delta', delta, usage: this.#usage() }, { type: 'message_stop' }]
  }

  whole(): Json {
    const content: Json[] = []
    for (const step of this.script.steps) {
      if ('text' in step || 'refusal' in step) {
        const text = 'text' in step ? list(step.text).join('') : step.refusal
        const last = content.at(-1)
        if (last?.type === 'text') last.text += text
        else content.push({ type: 'text', text })
      } else if ('reasoning' in step) content.push({ type: 'thinking', ...this.#thinking(step) })
      else if ('toolCall' in step) {
        const { id, name, arguments: json } = step.toolCall
        content.push({ type: 'tool_use', id, name, input: JSON.parse(list(json).join('') || '{}') })
      }
    }
    return {
      ...this.#frame(),
      content,
      stop_reason: this.#stopReason(),
      stop_sequence: this.script.stopSequence ?? null,
      usage: { ...this.#usage(), service_tier: 'standard' },
    }
  }

  #frame(): Json {
    return { id: this.#id, type: 'message', role: 'assistant', model: this.body.model }
  }

  #begin(block: Json): Json[] {
    this.#index++
    const start = { type: 'content_block_start', index: this.#index, content_block: block }
    if (this.#pinged) return [start]
    this.#pinged = true
    return [start, { type: 'ping' }]
  }

  #delta(delta: Json): Json {
    return { type: 'content_block_delta', index: this.#index, delta }
  }

  #stop(): Json[] {
    return [{ type: 'content_block_stop', index: this.#index }]
  }

  #close(): Json[] {
    if (!this.#open) return []
    this.#open = undefined
    return this.#stop()
  }

  /** Thinking with its signature, which is remembered as the one that goes with it. */
  #thinking({ reasoning, signature }: Extract<ScriptStep, { reasoning: unknown }>): {
    thinking: string
    signature: string
  } {
    const thinking = list(reasoning).join('')
    const signed = signature ?? createHash('sha256').update(`${this.#id}\n${thinking}`).digest('base64')
    this.#issued.set(signed, thinking)
    return { thinking, signature: signed }
  }

  #stopReason(): string {
    const { finish, stopSequence, steps } = this.script
    const calls = steps.some((step) => 'toolCall' in step)
    const reason: ScriptFinish = finish ?? (calls ? 'tool_calls' : 'stop')
    switch (reason) {
      case 'stop':
        return stopSequence === undefined ? 'end_turn' : 'stop_sequence'
      case 'length':
        return 'max_tokens'
      case 'tool_calls':
        return 'tool_use'
      case 'content_filter':
      case 'refusal':
        return 'refusal'
    }
  }

  #usage(): Json {
    const { input, output, cachedInput = 0, cacheWrite = 0, reasoning } = this.script.usage ?? { input: 9, output: 4 }
    return {
      input_tokens: input - cachedInput - cacheWrite,
      cache_creation_input_tokens: cacheWrite,
      cache_read_input_tokens: cachedInput,
      output_tokens: output,
      ...(reasoning !== undefined && { output_tokens_details: { thinking_tokens: reasoning } }),
    }
  }
}

function list(value: string | string[]): string[] {
  return typeof value === 'string' ? [value] : value
}
