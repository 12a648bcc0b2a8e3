import type { Answer, Reply } from '../../src/testing/fake-server.ts'
import { spoken } from './openai-responses-render.ts'
import type { Script, ScriptFailure, ScriptFinish, ScriptUsage } from '../../src/testing/script.ts'
import type { OpenAIChatDialect, WireObject } from './openai-chat-check.ts'
import { failureOf, sendError, vendorHeaders } from './openai-chat-failures.ts'
import { isContent, playStream, playWhole } from './play.ts'
import type { ContentStep } from './play.ts'

type Json = WireObject

const FINGERPRINT = 'fp_a288987b44'
const CREATED = 1_764_000_000

/**
 * Answers a good request: whole or streamed, as it asks. Chunks and bodies have the shapes of
 * openai/resources/chat/completions/completions.d.ts and of the API reference's examples.
 */
export async function answerChat(
  body: Json,
  reply: Reply,
  answer: Answer,
  dialect: OpenAIChatDialect = {},
): Promise<void> {
  if ('failure' in answer) return sendError(reply, failureOf(answer.failure, body.model))
  const render = new Renderer(body, answer.script, dialect)
  return body.stream === true ? await stream(render, reply) : await whole(render, reply)
}

async function stream(render: Renderer, reply: Reply): Promise<void> {
  reply.begin(200, { 'content-type': 'text/event-stream; charset=utf-8', ...vendorHeaders() })
  await streamChunks(render, reply, (failure) => ({ error: failureOf(failure, render.body.model).error }))
}

/** Plays the answer into a stream that has begun; `errorOf` gives the chunk that an error is. */
export async function streamChunks(
  render: Renderer,
  reply: Reply,
  errorOf: (failure: ScriptFailure) => unknown,
): Promise<void> {
  const send = async (chunks: unknown[]) => {
    for (const chunk of chunks) await reply.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  await send(render.opening())
  const closes = await playStream(render.script, reply, {
    say: (step) => send(render.step(step)),
    async fail(failure) {
      await send([errorOf(failure)])
      reply.end()
    },
  })
  if (!closes) return
  await send(render.closing())
  await reply.write('data: [DONE]\n\n')
  reply.end()
}

async function whole(render: Renderer, reply: Reply): Promise<void> {
  await playWhole(render.script, reply, {
    headers: vendorHeaders(),
    body: () => JSON.stringify(render.whole()),
    fail: (failure) => sendError(reply, failureOf(failure, render.body.model)),
  })
}

let answers = 0

/** One answer in OpenAI's shapes. */
export class Renderer {
  readonly body: Json
  readonly script: Script
  readonly #dialect: OpenAIChatDialect
  readonly #id = `chatcmpl-fake${++answers}`
  #calls = 0
  #reasonings = 0

  constructor(body: Json, script: Script, dialect: OpenAIChatDialect) {
    this.body = body
    this.script = body.stop === undefined ? spoken(script) : script
    this.#dialect = dialect
  }

  /** The first chunks: the role. */
  opening(): Json[] {
    const calls = this.#content().every((step) => 'toolCall' in step)
    return this.#chunks({ role: 'assistant', content: calls && this.#content().length > 0 ? null : '', refusal: null })
  }

  /** The chunks of one step. */
  step(step: ContentStep): Json[] {
    if ('text' in step) return list(step.text).flatMap((text) => this.#chunks({ content: text }, this.#logprobs(text)))
    if ('refusal' in step) return this.#chunks({ refusal: step.refusal })
    if ('reasoning' in step) return this.#reasoningChunks(step)
    const { id, name, arguments: fragments } = step.toolCall
    const index = this.#calls++
    const { type, field } = this.#kindOf(name)
    return [
      { index, id, type, [type]: { name, [field]: '' } },
      ...list(fragments).map((fragment) => ({ index, [type]: { [field]: fragment } })),
    ].flatMap((call) => this.#chunks({ tool_calls: [call] }))
  }

  /** The last chunks: the finish reason, and usage where it belongs. */
  closing(): Json[] {
    const place = this.#dialect.usage ?? 'own-chunk'
    const usage = this.#usage()
    const finish = this.#chunks({}, undefined, this.#finish()).map((chunk) => {
      if (place === 'finish-chunk') return { ...chunk, usage }
      if (place === 'choice') {
        const choices: Json[] = chunk.choices
        return { ...chunk, choices: choices.map((choice) => ({ ...choice, usage })) }
      }
      return chunk
    })
    const asked = place === 'own-chunk' && this.body.stream_options?.include_usage === true
    return asked ? [...finish, { ...this.#frame(), choices: [], usage }] : finish
  }

  /** The answer in one piece. */
  whole(): Json {
    const steps = this.#content()
    const texts = steps.flatMap((step) => ('text' in step ? list(step.text) : []))
    const refusals = steps.flatMap((step) => ('refusal' in step ? [step.refusal] : []))
    const calls = steps.flatMap((step) => ('toolCall' in step ? [this.#wholeCall(step.toolCall)] : []))
    const message = {
      role: 'assistant',
      content: texts.length > 0 ? texts.join('') : calls.length > 0 || refusals.length > 0 ? null : '',
      refusal: refusals.length > 0 ? refusals.join('') : null,
      annotations: [],
      ...this.#wholeReasoning(steps),
      ...(calls.length > 0 && { tool_calls: calls }),
    }
    const logprobs = this.body.logprobs === true ? { content: texts.flatMap(tokenOf), refusal: null } : null
    const choice = { message, logprobs, finish_reason: this.#finish() }
    return {
      ...this.#frame('chat.completion'),
      choices: this.#indexes().map((index) => ({ index, ...choice })),
      usage: this.#usage(),
    }
  }

  #content(): ContentStep[] {
    return this.script.steps.filter(isContent)
  }

  #indexes(): number[] {
    return Array.from({ length: this.body.n ?? 1 }, (_, index) => index)
  }

  #frame(object = 'chat.completion.chunk'): Json {
    return {
      id: this.#id,
      object,
      created: CREATED,
      model: this.body.model,
      service_tier: 'default',
      system_fingerprint: FINGERPRINT,
    }
  }

  #chunks(delta: Json, logprobs: Json | null = null, finish: string | null = null): Json[] {
    const usage = this.body.stream_options?.include_usage === true ? { usage: null } : {}
    return this.#indexes().map((index) => ({
      ...this.#frame(),
      choices: [{ index, delta, logprobs, finish_reason: finish }],
      ...usage,
    }))
  }

  #logprobs(text: string): Json | null {
    return this.body.logprobs === true ? { content: tokenOf(text), refusal: null } : null
  }

  #reasoningChunks({ reasoning, signature }: Extract<ContentStep, { reasoning: unknown }>): Json[] {
    const { reasoning: field, reasoningFormat: format = 'unknown' } = this.#dialect
    if (!field) return []
    const common = { format, index: this.#reasonings++ }
    const chunks = list(reasoning).map((text) =>
      field === 'reasoning_details'
        ? { content: '', reasoning: text, reasoning_details: [{ type: 'reasoning.text', text, ...common }] }
        : { [field]: text },
    )
    const signed =
      field === 'reasoning_details' && signature !== undefined
        ? [{ content: '', reasoning: null, reasoning_details: [{ type: 'reasoning.text', signature, ...common }] }]
        : []
    return [...chunks, ...signed].flatMap((delta) => this.#chunks(delta))
  }

  #wholeReasoning(steps: ContentStep[]): Json {
    const { reasoning: field, reasoningFormat: format = 'unknown' } = this.#dialect
    const reasonings = steps.filter((step) => 'reasoning' in step)
    if (!field || reasonings.length === 0) return {}
    const text = reasonings.map((step) => list(step.reasoning).join('')).join('')
    if (field !== 'reasoning_details') return { [field]: text }
    const details = reasonings.map(({ reasoning, signature }, index) => ({
      type: 'reasoning.text',
      text: list(reasoning).join(''),
      ...(signature !== undefined && { signature }),
      format,
      index,
    }))
    return { reasoning: text, reasoning_details: details }
  }

  #wholeCall({ id, name, arguments: fragments }: { id: string; name: string; arguments: string | string[] }): Json {
    const { type, field } = this.#kindOf(name)
    return { id, type, [type]: { name, [field]: list(fragments).join('') } }
  }

  #kindOf(name: string): { type: 'function' | 'custom'; field: 'arguments' | 'input' } {
    const tools: Json[] = this.body.tools ?? []
    const custom = tools.some((tool) => tool.type === 'custom' && tool.custom?.name === name)
    return custom ? { type: 'custom', field: 'input' } : { type: 'function', field: 'arguments' }
  }

  /** OpenAI ends a refusal with `stop`. */
  #finish(): string {
    const calls = this.script.steps.some((step) => 'toolCall' in step)
    const finish: ScriptFinish = this.script.finish ?? (calls ? 'tool_calls' : 'stop')
    return finish === 'refusal' ? 'stop' : finish
  }

  #usage(): Json {
    const {
      input,
      output,
      cachedInput = 0,
      cacheWrite,
      reasoning = 0,
    }: ScriptUsage = this.script.usage ?? {
      input: 9,
      output: 4,
    }
    return {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: {
        cached_tokens: cachedInput,
        audio_tokens: 0,
        ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
      },
      completion_tokens_details: {
        reasoning_tokens: reasoning,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    }
  }
}

function tokenOf(text: string): Json[] {
  return [{ token: text, logprob: -0.25, bytes: [...Buffer.from(text)], top_logprobs: [] }]
}

function list(value: string | string[]): string[] {
  return typeof value === 'string' ? [value] : value
}
