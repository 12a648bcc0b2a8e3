import type { Answer, Reply } from '../../src/testing/fake-server.ts'
import type { Script, ScriptFailure } from '../../src/testing/script.ts'
import { failureOf, sendError, vendorHeaders } from './openai-chat.ts'
import type { VendorError } from './openai-chat.ts'
import { given, listOf, wordsOf } from './openai-responses-wire.ts'
import type { Json } from './openai-responses-wire.ts'
import { isContent, playStream, playWhole } from './play.ts'
import type { ContentStep } from './play.ts'

const CREATED = 1_764_000_000

export interface RenderOptions {
  /** Every encrypted content given out is added here. */
  issued: Set<string>
  failure?(failure: ScriptFailure, model: string): VendorError
  sendFailure?(reply: Reply, error: VendorError): void
  headers?: Record<string, string>
  /** Whether the closing event repeats the output; ChatGPT's backend may leave it empty. Default: true. */
  repeatOutput?: boolean
  /** Makes the ids of items, another for each event, as Copilot does. Default: an item has one. */
  itemId?(): string
}

/**
 * Answers a good request: whole or streamed, as it asks. Events and bodies have the shapes of
 * openai/resources/responses/responses.d.ts and of the API reference's streaming examples.
 */
export async function answerResponses(body: Json, reply: Reply, answer: Answer, options: RenderOptions): Promise<void> {
  const { failure = failureOf, sendFailure = sendError } = options
  if ('failure' in answer) return sendFailure(reply, failure(answer.failure, body['model']))
  const render = new Renderer(body, answer.script, options)
  return body['stream'] === true ? await stream(render, reply, options) : await whole(render, reply, options)
}

async function stream(render: Renderer, reply: Reply, options: RenderOptions): Promise<void> {
  reply.begin(200, { 'content-type': 'text/event-stream; charset=utf-8', ...vendorHeaders(), ...options.headers })
  let count = 0
  const send = async (events: Json[]) => {
    for (const { type, ...event } of options.itemId ? events.map(withOtherIds(options.itemId)) : events) {
      const data = JSON.stringify({ type, sequence_number: count++, ...event })
      await reply.write(`event: ${type}\ndata: ${data}\n\n`)
    }
  }
  await send(render.opening())
  const closes = await playStream(render.script, reply, {
    say: (step) => send(render.step(step)),
    async fail(failure) {
      const { error } = (options.failure ?? failureOf)(failure, render.body['model'])
      await send([...render.closeOpen(), { type: 'error', error }])
      reply.end()
    },
  })
  if (!closes) return
  await send(render.closing())
  reply.end()
}

function withOtherIds(id: () => string): (event: Json) => Json {
  const other = (item: Json) => ({ ...item, id: id() })
  return ({ item_id: one, item, response, ...event }) => ({
    ...event,
    ...(one && { item_id: id() }),
    ...(item && { item: other(item) }),
    ...(response && { response: { ...response, output: listOf(response.output).map(other) } }),
  })
}

async function whole(render: Renderer, reply: Reply, options: RenderOptions): Promise<void> {
  const { failure: vendorFailure = failureOf, sendFailure = sendError } = options
  await playWhole(render.script, reply, {
    headers: vendorHeaders(),
    body: () => JSON.stringify(render.whole()),
    fail: (failure) => sendFailure(reply, vendorFailure(failure, render.body['model'])),
  })
}

/** What the model says that nobody has told where to stop. */
export function spoken(script: Script): Script {
  const { stopSequence: stop, steps } = script
  if (stop === undefined) return script
  return { ...script, steps: [...steps, { text: [stop.slice(0, 3), `${stop.slice(3)} and`, ' after.'] }] }
}

let answers = 0

/** One answer in OpenAI's shapes. Text and a refusal share a message; each call and each reasoning is an item of its own. */
export class Renderer {
  readonly body: Json
  readonly script: Script
  readonly #options: RenderOptions
  readonly #id = `resp_fake${++answers}`
  readonly #output: Json[] = []
  #open = false
  #summary = ''

  constructor(body: Json, script: Script, options: RenderOptions) {
    this.body = body
    this.script = spoken(script)
    this.#options = options
  }

  get status(): 'completed' | 'incomplete' {
    return this.script.finish === 'length' || this.script.finish === 'content_filter' ? 'incomplete' : 'completed'
  }

  opening(): Json[] {
    const response = this.response('in_progress')
    return [
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ]
  }

  step(step: ContentStep): Json[] {
    if (this.#compacts()) {
      // The model's reasoning stays with OpenAI.
      if ('text' in step) this.#summary += list(step.text).join('')
      return []
    }
    if ('text' in step) return this.#words('output_text', list(step.text))
    if ('refusal' in step) return this.#words('refusal', [step.refusal])
    if ('reasoning' in step) return [...this.closeOpen(), ...this.#reasoning(step)]
    return [...this.closeOpen(), ...this.#call(step.toolCall)]
  }

  /** The end of the message that is still open. */
  closeOpen(): Json[] {
    if (!this.#open) return []
    this.#open = false
    const at = this.#output.length - 1
    const item = this.#item(at)
    const part = listOf(item['content']).at(-1) ?? {}
    return [...this.#closePart(at, item, part), this.#done(at, { ...item, status: this.#itemStatus() })]
  }

  closing(): Json[] {
    const events = this.#compacts() ? this.#compaction() : this.closeOpen()
    const response = this.response(this.status)
    if (this.#options.repeatOutput === false) response['output'] = []
    return [...events, { type: `response.${this.status}`, response }]
  }

  /** The answer in one piece. */
  whole(): Json {
    this.opening()
    for (const step of this.script.steps.filter(isContent)) this.step(step)
    this.closing()
    return this.response(this.status)
  }

  response(status: string): Json {
    const { body } = this
    const over = status !== 'in_progress'
    const { finish } = this.script
    return {
      id: this.#id,
      object: 'response',
      created_at: CREATED,
      status,
      background: false,
      error: null,
      incomplete_details:
        status === 'incomplete' ? { reason: finish === 'length' ? 'max_output_tokens' : 'content_filter' } : null,
      instructions: body['instructions'] ?? null,
      max_output_tokens: body['max_output_tokens'] ?? null,
      model: body['model'],
      output: over ? structuredClone(this.#output) : [],
      parallel_tool_calls: body['parallel_tool_calls'] ?? true,
      previous_response_id: body['previous_response_id'] ?? null,
      reasoning: { effort: body['reasoning']?.effort ?? null, summary: body['reasoning']?.summary ?? null },
      safety_identifier: null,
      service_tier: over ? 'default' : 'auto',
      store: body['store'] ?? true,
      temperature: body['temperature'] ?? 1,
      text: { format: body['text']?.format ?? { type: 'text' }, verbosity: body['text']?.verbosity ?? 'medium' },
      tool_choice: body['tool_choice'] ?? 'auto',
      tools: body['tools'] ?? [],
      top_logprobs: body['top_logprobs'] ?? 0,
      top_p: body['top_p'] ?? 1,
      truncation: body['truncation'] ?? 'disabled',
      usage: over ? this.#usage() : null,
      user: null,
      metadata: body['metadata'] ?? {},
    }
  }

  #compacts(): boolean {
    return listOf(this.body['input']).at(-1)?.['type'] === 'compaction_trigger'
  }

  /** The one item of the output (openai/codex codex-rs/core/src/compact_remote_v2.rs, `collect_compaction_output`). */
  #compaction(): Json[] {
    const content = `gAAAAAC${Buffer.from(this.#summary).toString('base64url')}`
    this.#options.issued.add(content)
    const item = { id: this.#itemId('cmp'), type: 'compaction', encrypted_content: content }
    const added = this.#added(item)
    return [added, this.#done(this.#output.length - 1, item)]
  }

  #words(type: 'output_text' | 'refusal', deltas: string[]): Json[] {
    const events: Json[] = []
    if (!this.#open) {
      this.#open = true
      const item = { id: this.#itemId('msg'), type: 'message', status: 'in_progress', content: [], role: 'assistant' }
      events.push(this.#added(item))
    }
    const at = this.#output.length - 1
    const item = this.#item(at)
    const content: Json[] = item['content']
    let part = content.at(-1)
    if (part?.['type'] !== type) {
      if (part) events.push(...this.#closePart(at, item, part))
      part = type === 'refusal' ? { type, refusal: '' } : { type, annotations: [], logprobs: [], text: '' }
      content.push(part)
      events.push({ type: 'response.content_part.added', ...this.#place(at, item), part: { ...part } })
    }
    const field = type === 'refusal' ? 'refusal' : 'text'
    for (const delta of deltas) {
      part[field] += delta
      const logprobs = type === 'refusal' ? {} : { logprobs: this.#logprobs(delta) }
      if (type === 'output_text') listOf(part['logprobs']).push(...this.#logprobs(delta))
      events.push({ type: `response.${type}.delta`, ...this.#place(at, item), delta, ...logprobs, obfuscation: 'x7Qp' })
    }
    return events
  }

  #logprobs(token: string): Json[] {
    const asked = wordsOf(this.body['include']).includes('message.output_text.logprobs')
    return asked ? [{ token, logprob: -0.25, bytes: [...Buffer.from(token)], top_logprobs: [] }] : []
  }

  #closePart(at: number, item: Json, part: Json): Json[] {
    const place = this.#place(at, item)
    const { type, text, refusal, logprobs } = part
    return [
      type === 'refusal'
        ? { type: 'response.refusal.done', ...place, refusal }
        : { type: 'response.output_text.done', ...place, text, logprobs },
      { type: 'response.content_part.done', ...place, part },
    ]
  }

  #reasoning({ reasoning, signature }: Extract<ContentStep, { reasoning: unknown }>): Json[] {
    const deltas = list(reasoning)
    const encrypted = wordsOf(this.body['include']).includes('reasoning.encrypted_content')
      ? (signature ?? `gAAAAAB${Buffer.from(deltas.join('')).toString('base64url')}`)
      : undefined
    if (encrypted !== undefined) this.#options.issued.add(encrypted)
    const id = this.#itemId('rs')
    const proof = encrypted === undefined ? {} : { encrypted_content: encrypted }
    const events = [this.#added({ id, type: 'reasoning', ...proof, summary: [] })]
    const at = this.#output.length - 1
    // Without `reasoning.summary` OpenAI thinks in silence.
    const shown = given(this.body['reasoning']?.summary) && deltas.join('') !== ''
    const text = deltas.join('')
    const summary = shown ? [{ type: 'summary_text', text }] : []
    if (shown) {
      const place = { item_id: id, output_index: at, summary_index: 0 }
      events.push(
        { type: 'response.reasoning_summary_part.added', ...place, part: { type: 'summary_text', text: '' } },
        ...deltas.map((delta) => ({
          type: 'response.reasoning_summary_text.delta',
          ...place,
          delta,
          obfuscation: 'p2',
        })),
        { type: 'response.reasoning_summary_text.done', ...place, text },
        { type: 'response.reasoning_summary_part.done', ...place, part: { type: 'summary_text', text } },
      )
    }
    events.push(this.#done(at, { id, type: 'reasoning', ...proof, summary }))
    return events
  }

  #call({
    id: callId,
    name,
    arguments: fragments,
  }: {
    id: string
    name: string
    arguments: string | string[]
  }): Json[] {
    const custom = this.#isCustom(name)
    const [type, field, prefix] = custom
      ? (['custom_tool_call', 'input', 'ctc'] as const)
      : (['function_call', 'arguments', 'fc'] as const)
    const id = this.#itemId(prefix)
    const named = { call_id: callId, ...this.#namespaced(name) }
    const begun = { id, type, status: 'in_progress', [field]: '', ...named }
    const events = [this.#added(begun)]
    const at = this.#output.length - 1
    const place = { item_id: id, output_index: at }
    const whole = list(fragments).join('')
    const event = custom ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
    events.push(
      ...list(fragments).map((delta) => ({ type: `${event}.delta`, ...place, delta, obfuscation: 'k9' })),
      { type: `${event}.done`, ...place, [field]: whole, ...(custom ? {} : { name }) },
      this.#done(at, { ...begun, status: 'completed', [field]: whole }),
    )
    return events
  }

  #isCustom(name: string): boolean {
    return this.#tools().some((tool) => tool['type'] === 'custom' && tool['name'] === name)
  }

  #tools(): Json[] {
    return listOf(this.body['tools']).flatMap((tool) => (tool['type'] === 'namespace' ? listOf(tool['tools']) : [tool]))
  }

  #namespaced(name: string): Json {
    const space = listOf(this.body['tools']).find(
      (tool) => tool['type'] === 'namespace' && listOf(tool['tools']).some((inner) => inner['name'] === name),
    )
    return space ? { name, namespace: space['name'] } : { name }
  }

  #itemStatus(): string {
    return this.status === 'incomplete' ? 'incomplete' : 'completed'
  }

  #itemId(prefix: string): string {
    return `${prefix}_${this.#id.slice('resp_'.length)}_${this.#output.length}`
  }

  #item(at: number): Json {
    const item = this.#output[at]
    if (!item) throw new Error(`there is no output ${at}`)
    return item
  }

  #place(at: number, item: Json): Json {
    return { item_id: item['id'], output_index: at, content_index: item['content'].length - 1 || 0 }
  }

  #added(item: Json): Json {
    this.#output.push(item)
    return { type: 'response.output_item.added', output_index: this.#output.length - 1, item: structuredClone(item) }
  }

  #done(at: number, item: Json): Json {
    this.#output[at] = item
    return { type: 'response.output_item.done', output_index: at, item: structuredClone(item) }
  }

  #usage(): Json {
    const {
      input,
      output,
      cachedInput = 0,
      cacheWrite = 0,
      reasoning = 0,
    } = this.script.usage ?? { input: 9, output: 4 }
    return {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cachedInput, cache_write_tokens: cacheWrite },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + output,
    }
  }
}

function list(value: string | string[]): string[] {
  return typeof value === 'string' ? [value] : value
}
