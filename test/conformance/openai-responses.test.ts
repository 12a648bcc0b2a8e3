import { createOpenAI } from '@ai-sdk/openai'
import { generateText, stepCountIs, streamText, tool } from 'ai'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { openaiForEveryone } from './openai-client.ts'
import { z } from 'zod'
import { loopsAndStreams } from './ai-sdk.ts'
import { KINDS, serveEveryone, withEveryone } from './providers.ts'
import type { Kind } from './providers.ts'
import { weather } from './weather.ts'

/* The unmodified `openai` client's Responses, and `ai` with `@ai-sdk/openai`, in front of every kind of provider. */

Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

const { everyone, client } = await openaiForEveryone()

type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming
const kinds = Object.keys(KINDS) as Kind[]
const everywhere = kinds.flatMap((kind) => [true, false].map((streaming) => ({ kind, streaming })))

const create = async (streaming: boolean, body: Body): Promise<OpenAI.Responses.Response> =>
  streaming
    ? await client.responses.stream({ ...body, stream: true }).finalResponse()
    : await client.responses.create(body)

describe.each(everywhere)('openai responses in front of $kind (streaming: $streaming)', ({ kind, streaming }) => {
  const { model } = KINDS[kind]

  it('gets an answer with usage', async () => {
    everyone.fakes[kind].say({ steps: [{ text: ['Hi ', 'there 🦊'] }], usage: { input: 12, output: 3 } })
    const response = await create(streaming, { model, instructions: 'Be brief', input: 'Hello', store: false })
    expect(response).toMatchObject({
      status: 'completed',
      usage: { input_tokens: 12, output_tokens: 3, total_tokens: 15 },
    })
    expect(response.output_text).toBe('Hi there 🦊')
  })

  it('uses tools and goes on by previous_response_id', async () => {
    const fake = everyone.fakes[kind]
    fake.say({
      steps: [
        { toolCall: { id: 'call_1', name: 'weather', arguments: ['{"ci', 'ty":"Rome"}'] } },
        { toolCall: { id: 'call_2', name: 'weather', arguments: '{"city":"Oslo"}' } },
      ],
    })
    const first = await create(streaming, { model, input: 'Weather in Rome and Oslo?', tools: [weather] })
    const calls = first.output.filter((item) => item.type === 'function_call')
    expect(calls.map((call) => [call.name, call.arguments])).toEqual([
      ['weather', '{"city":"Rome"}'],
      ['weather', '{"city":"Oslo"}'],
    ])
    fake.say({ steps: [{ text: 'Sunny and cold' }] })
    const second = await create(streaming, {
      model,
      tools: [weather],
      previous_response_id: first.id,
      input: calls.map(({ call_id }, index) => ({
        type: 'function_call_output',
        call_id,
        output: index === 0 ? 'sunny' : 'cold',
      })),
    })
    expect(second.output_text).toBe('Sunny and cold')
    expect(second.previous_response_id).toBe(first.id)
    // The provider, which keeps nothing, was told the whole conversation.
    expect(fake.requests.at(-1)?.text).toContain('Weather in Rome and Oslo?')
    expect(fake.requests.at(-1)?.text).toContain('sunny')
    expect(fake.requests.at(-1)?.text).not.toContain(first.id)
  })

  it('gets structured output', async () => {
    everyone.fakes[kind].say({ steps: [{ text: '{"a":1}' }] })
    const response = await create(streaming, {
      model,
      input: 'JSON, please',
      store: false,
      text: {
        format: {
          type: 'json_schema',
          name: 'a',
          strict: true,
          schema: {
            type: 'object',
            properties: { a: { type: 'number' } },
            required: ['a'],
            additionalProperties: false,
          },
        },
      },
    })
    expect(JSON.parse(response.output_text)).toEqual({ a: 1 })
  })

  it('is told of a rate limit', () =>
    withEveryone(async ({ fakes, url }) => {
      fakes[kind].fail({ kind: 'rate_limit' })
      const asker = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 })
      const asked = asker.responses.create({ model, input: 'Hi', store: false, stream: streaming })
      const error: unknown = await asked.catch((fault: unknown) => fault)
      expect(error).toBeInstanceOf(OpenAI.APIError)
      expect(error).toMatchObject({ status: 429 })
    }))
})

describe.each(kinds)('a stream of %s', (kind) => {
  const { model } = KINDS[kind]

  it('comes in order, numbered without gaps', async () => {
    everyone.fakes[kind].say({ steps: [{ text: ['a', 'b'] }] })
    const types: string[] = []
    const numbers: number[] = []
    for await (const event of await client.responses.create({ model, input: 'Hi', stream: true, store: false })) {
      if (types.at(-1) !== event.type) types.push(event.type)
      numbers.push(event.sequence_number)
    }
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(numbers).toEqual(numbers.map((_, index) => index))
  })

  it.each([true, false])('that is cut throws, after what came (kept: %s)', async (store) => {
    everyone.fakes[kind].say({ steps: [{ text: 'Hel' }, { cut: true }] })
    let text = ''
    const responses: OpenAI.Responses.Response[] = []
    const reading = (async () => {
      for await (const event of await client.responses.create({ model, input: 'Hi', stream: true, store })) {
        if (event.type === 'response.output_text.delta') text += event.delta
        if ('response' in event) responses.push(event.response)
      }
    })()
    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError)
    expect(text).toBe('Hel')
    // The client takes another response for the end of another answer.
    const id = responses[0]?.id
    expect(responses.map((response) => response.id)).toEqual(responses.map(() => id))
    expect(responses.at(-1)).toMatchObject({ status: 'failed', error: { code: 'upstream_stream_cut' } })
    if (store && id) expect(await client.responses.retrieve(id)).toMatchObject({ id, status: 'failed' })
  })
})

describe.each(kinds)('ai with @ai-sdk/openai in front of %s', (kind) => {
  const { model: id } = KINDS[kind]

  it('runs a tool loop, which refers to kept items, and streams', () =>
    loopsAndStreams(
      createOpenAI({ baseURL: `${everyone.url}/v1`, apiKey: 'unused' }).responses(id),
      everyone.fakes[kind],
    ))
})

describe('an image that Gemini makes', () => {
  type Response = OpenAI.Responses.Response
  const CALL = 'image_generation_call'
  const BLUER = { role: 'user' as const, content: 'Bluer' }
  /** OpenAI's guide to images goes on by the id alone, for which its client has no type (openai/openai-openapi issue 575). */
  const byId = (id: string | undefined) => ({ type: CALL, id }) as OpenAI.Responses.ResponseInputItem
  const idOf = ({ output }: Response) => output.find(({ type }) => type === CALL)?.id
  const raw = `data: ${JSON.stringify({
    candidates: [
      { content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'QUE=' } }], role: 'model' }, index: 0 },
    ],
  })}\r\n\r\n`
  const { model } = KINDS.gemini

  it('is one that the image tool made, to openai and to ai', async () => {
    everyone.fakes.gemini.say({ steps: [{ text: 'Here:' }, { raw }] })
    const { output, output_text: words, status } = await create(true, { model, input: 'Draw', store: false })
    expect({ words, status }).toEqual({ words: 'Here:', status: 'completed' })
    expect(output.at(-1)).toMatchObject({ type: 'image_generation_call', status: 'completed', result: 'QUE=' })
    everyone.fakes.gemini.say({ steps: [{ raw }] })
    const openai = createOpenAI({ baseURL: `${everyone.url}/v1`, apiKey: 'unused' })
    const streamed = streamText({ model: openai.responses(model), prompt: 'Draw' })
    expect(await streamed.toolResults).toMatchObject([{ output: { result: 'QUE=' } }])
  })

  it('leaves the conversation free to go on', async () => {
    everyone.fakes.gemini.say({ steps: [{ raw }] })
    const first = await create(true, { model, input: 'Draw' })
    everyone.fakes.gemini.say({ steps: [{ text: 'Done' }] })
    const second = await create(true, { model, input: 'Thanks', previous_response_id: first.id })
    expect(second.output_text).toBe('Done')
  })

  const WAYS: [string, (first: Response) => Partial<Body>, string[]][] = [
    ['by what came before', ({ id }) => ({ previous_response_id: id, input: 'Bluer' }), ['message', CALL, 'message']],
    ['by the id of the image', (first) => ({ input: [byId(idOf(first)), BLUER] }), [CALL, 'message']],
    [
      'by the image',
      ({ output }) => ({ input: [...(output as OpenAI.Responses.ResponseInputItem[]), BLUER], store: false }),
      [CALL, 'message'],
    ],
    ['without an image that is not kept', () => ({ input: [byId(`ig_${'0'.repeat(32)}`), BLUER] }), ['message']],
    ['without one of OpenAI that is not stored', () => ({ input: [byId('ig_1'), BLUER], store: false }), ['message']],
  ]

  it.each(WAYS)('goes on %s with OpenAI and others', async (_, next, types) => {
    everyone.fakes.gemini.say({ steps: [{ raw }] })
    const first = await create(true, { model, input: 'Draw' })
    for (const kind of ['local', 'codex'] as const) {
      everyone.fakes[kind].say({ steps: [{ text: 'Done' }] })
      const second = await create(false, { model: KINDS[kind].model, ...next(first) })
      expect(second.output_text).toBe('Done')
    }
    const { input } = everyone.fakes.codex.requests.at(-1)?.json as { input: { type?: string }[] }
    expect(input.map(({ type = 'message' }) => type)).toEqual(types)
    if (types.includes(CALL)) expect(input).toContainEqual(first.output[0])
  })
})

describe('what a model thought before it called a tool', () => {
  const CALL = { toolCall: { id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' } }
  const OUTPUT = { type: 'function_call_output' as const, call_id: 'call_1', output: 'sunny' }
  const again: Record<string, RegExp> = {
    kimi: /"reasoning_content":"Hm\."/,
    iflow: /"reasoning_content":"Hm\."/,
    claude: /"thinking":"Hm\.","signature":"sig-1"/,
    codex: /"type":"reasoning"[^}]*"encrypted_content":"sig-1"/,
  }
  const thinkers = Object.keys(again) as Kind[]

  it.each(thinkers)('%s is told again, by previous_response_id', async (kind) => {
    const { model } = KINDS[kind]
    const fake = everyone.fakes[kind]
    const body: Body = { model, input: 'Weather?', tools: [weather], reasoning: { effort: 'low', summary: 'auto' } }
    fake.say({ steps: [{ reasoning: 'Hm.', signature: 'sig-1' }, CALL] })
    const first = await create(true, body)
    fake.say({ steps: [{ text: 'Sunny' }] })
    const second = await create(true, { ...body, previous_response_id: first.id, input: [OUTPUT] })
    expect(second.output_text).toBe('Sunny')
    expect(fake.requests.at(-1)?.text).toMatch(again[kind] ?? /./)
  })

  it.each(thinkers)('%s is told again, by references of ai', async (kind) => {
    const fake = everyone.fakes[kind]
    fake.say({ steps: [{ reasoning: 'Hm.', signature: 'sig-1' }, CALL] })
    fake.say({ steps: [{ text: 'Sunny' }] })
    const { text } = await generateText({
      model: createOpenAI({ baseURL: `${everyone.url}/v1`, apiKey: 'unused' }).responses(KINDS[kind].model),
      prompt: 'Weather?',
      stopWhen: stepCountIs(3),
      providerOptions: { openai: { reasoningEffort: 'low', reasoningSummary: 'auto', forceReasoning: true } },
      tools: { weather: tool({ inputSchema: z.object({ city: z.string() }), execute: () => 'sunny' }) },
    })
    expect(text).toBe('Sunny')
    expect(fake.requests.at(-1)?.text).toMatch(again[kind] ?? /./)
  })

  it('is left out where OpenAI goes on, which cannot use it', async () => {
    const { kimi, codex } = everyone.fakes
    kimi.say({ steps: [{ reasoning: 'Hm.' }, CALL] })
    const first = await create(true, { model: KINDS.kimi.model, input: 'Weather?', tools: [weather] })
    codex.say({ steps: [{ text: 'Sunny' }] })
    const body: Body = { model: KINDS.codex.model, previous_response_id: first.id, input: [OUTPUT], tools: [weather] }
    expect((await create(true, body)).output_text).toBe('Sunny')
    expect(codex.requests.at(-1)?.text).not.toContain('Hm.')
  })
})

describe('kept responses', () => {
  const model = KINDS.claude.model

  it('are given again, with their input, until they are deleted', async () => {
    everyone.fakes.claude.say({ steps: [{ text: 'One' }] })
    everyone.fakes.local.say({ steps: [{ text: 'Two' }] })
    const first = await create(false, { model, input: 'First' })
    const second = await create(true, { model: KINDS.local.model, input: 'Second', previous_response_id: first.id })
    expect(await client.responses.retrieve(second.id)).toMatchObject({
      id: second.id,
      output_text: 'Two',
      status: 'completed',
    })
    const listed = []
    for await (const item of client.responses.inputItems.list(second.id, { order: 'asc', limit: 2 })) listed.push(item)
    expect(listed).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'First' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'One' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Second' }] },
    ])
    await client.responses.delete(second.id)
    for (const gone of [
      () => client.responses.retrieve(second.id),
      () => client.responses.delete(second.id),
      () => client.responses.cancel(second.id),
      () => client.responses.inputItems.list(second.id),
    ]) {
      await expect(gone()).rejects.toMatchObject({ status: 404 })
    }
    await expect(create(false, { model, input: 'x', previous_response_id: second.id })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    })
  })

  it('are not kept where the client says so', async () => {
    everyone.fakes.claude.say({ steps: [{ text: 'One' }] })
    const { id } = await create(false, { model, input: 'x', store: false })
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 })
  })

  it('give way to newer ones', async () => {
    const small = await serveEveryone({ responses: { max_bytes: 6000 } })
    try {
      const asker = new OpenAI({ baseURL: `${small.url}/v1`, apiKey: 'unused', maxRetries: 0 })
      const ids: string[] = []
      for (let turn = 0; turn < 4; turn++) {
        small.fakes.local.say({ steps: [{ text: 'x'.repeat(1000) }] })
        ids.push((await asker.responses.create({ model: KINDS.local.model, input: 'Hi' })).id)
      }
      await expect(asker.responses.retrieve(ids[0] ?? '')).rejects.toMatchObject({ status: 404 })
      expect(await asker.responses.retrieve(ids[3] ?? '')).toMatchObject({ id: ids[3] })
    } finally {
      await small.close()
    }
  })

  it('are made in the background, and can be cancelled', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const { claude } = everyone.fakes
    claude.say({ steps: [{ wait: held }, { text: 'Done' }] })
    const queued = await client.responses.create({ model, input: 'Take your time', background: true })
    expect(queued.status).toMatch(/queued|in_progress/)
    release()
    const until = async (statuses: string[]) => {
      for (;;) {
        const now = await client.responses.retrieve(queued.id)
        if (statuses.includes(now.status ?? '')) return now
      }
    }
    expect(await until(['completed', 'failed'])).toMatchObject({
      id: queued.id,
      status: 'completed',
      output_text: 'Done',
    })

    claude.say({ steps: [{ wait: new Promise(() => {}) }, { text: 'Never' }] })
    const seen = claude.requests.length
    const second = await client.responses.create({ model, input: 'Take your time', background: true })
    while (claude.requests.length === seen) await client.responses.retrieve(second.id)
    expect(await client.responses.cancel(second.id)).toMatchObject({ status: 'cancelled' })
    expect(await claude.requests.at(-1)?.aborted).toBe(true)
    expect(await client.responses.retrieve(second.id)).toMatchObject({ status: 'cancelled' })

    claude.fail({ kind: 'invalid_request' })
    const third = await client.responses.create({ model, input: 'x', background: true })
    let failed = third
    while (failed.status !== 'failed') failed = await client.responses.retrieve(third.id)
    expect(failed.error).toMatchObject({ message: expect.stringContaining('Claude') })
  })

  it('are made as soon as may be, whatever time they may take', async () => {
    everyone.fakes.codex.say({ steps: [{ text: 'Done' }] })
    const request = {
      model: KINDS.codex.model,
      input: 'x',
      background: true,
      background_options: { completion_window: '2h' },
    }
    let response = await client.responses.create(request)
    while (response.status === 'queued' || response.status === 'in_progress') {
      response = await client.responses.retrieve(response.id)
    }
    expect(response).toMatchObject({ status: 'completed', output_text: 'Done' })
  })

  it.each(kinds)('are streamed while they are made in the background, and again: %s', async (kind) => {
    const { model } = KINDS[kind]
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    everyone.fakes[kind].say({ steps: [{ text: 'One, ' }, { wait: held }, { text: 'two' }] })
    const events: OpenAI.Responses.ResponseStreamEvent[] = []
    for await (const event of await client.responses.create({
      model,
      input: 'Count',
      background: true,
      stream: true,
    })) {
      events.push(event)
      // Its client goes away; it goes on.
      if (event.type === 'response.output_text.delta') break
    }
    expect(events.slice(0, 3)).toMatchObject([
      { type: 'response.created', sequence_number: 0, response: { status: 'queued', background: true } },
      { type: 'response.queued', sequence_number: 1, response: { status: 'queued' } },
      { type: 'response.in_progress', sequence_number: 2, response: { status: 'in_progress' } },
    ])
    const [created] = events
    const id = created?.type === 'response.created' ? created.response.id : ''
    const last = events.length - 1
    expect(await client.responses.retrieve(id)).toMatchObject({ status: 'in_progress' })

    const rest = await client.responses.retrieve(id, { stream: true, starting_after: last })
    release()
    for await (const event of rest) events.push(event)
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index))
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { id, status: 'completed' } })
    expect(await client.responses.retrieve(id)).toMatchObject({ id, status: 'completed', output_text: 'One, two' })

    const again = await client.responses.stream({ response_id: id, starting_after: last }).finalResponse()
    expect(again).toMatchObject({ id, output_text: 'One, two' })
    const whole: typeof events = []
    for await (const event of await client.responses.retrieve(id, { stream: true })) whole.push(event)
    expect(whole).toEqual(events)
    await client.responses.delete(id)
    await expect(client.responses.retrieve(id, { stream: true })).rejects.toMatchObject({ status: 404 })
  })

  it('end their stream by the failure of the run', async () => {
    everyone.fakes.claude.fail({ kind: 'invalid_request' })
    const events: OpenAI.Responses.ResponseStreamEvent[] = []
    for await (const event of await client.responses.create({ model, input: 'x', background: true, stream: true })) {
      events.push(event)
    }
    expect(events.map(({ type }) => type)).toEqual([
      ...['response.created', 'response.queued', 'response.in_progress', 'response.failed'],
    ])
    expect(events.at(-1)).toMatchObject({
      response: { status: 'failed', error: { message: expect.stringContaining('Claude') } },
    })
  })

  it('end their stream when they are cancelled', async () => {
    everyone.fakes.claude.say({ steps: [{ text: 'One' }, { wait: new Promise(() => {}) }] })
    const types: string[] = []
    let id = ''
    for await (const event of await client.responses.create({ model, input: 'x', background: true, stream: true })) {
      types.push(event.type)
      if (event.type === 'response.created') ({ id } = event.response)
      if (event.type === 'response.output_text.delta') await client.responses.cancel(id)
    }
    expect(types.at(-1)).toBe('response.output_text.delta')
  })

  it.each([
    ['one that was not in the background', {}],
    ['one that was made without a stream', { background: true }],
  ])('are not streamed again: %s', async (_, fields) => {
    everyone.fakes.claude.say({ steps: [{ text: 'One' }] })
    const { id } = await client.responses.create({ model, input: 'x', ...fields })
    await expect(client.responses.retrieve(id, { stream: true })).rejects.toMatchObject({
      status: 400,
      param: 'stream',
    })
    const query = { stream: true, starting_after: -1 } as const
    await expect(client.responses.retrieve(id, query)).rejects.toMatchObject({ status: 400, param: 'starting_after' })
  })

  it('are refused at once where nobody could make them', async () => {
    const asked: [object, object][] = [
      [{}, { status: 400, param: 'model' }],
      [{ model: 'nope' }, { status: 404, code: 'model_not_found' }],
    ]
    for (const [fields, refusal] of asked) {
      const created = client.responses.create({ input: 'x', background: true, ...fields })
      await expect(created).rejects.toMatchObject(refusal)
    }
  })

  it('are gone on from when they have an end', async () => {
    const { claude } = everyone.fakes
    claude.say({ steps: [{ wait: new Promise(() => {}) }, { text: 'Never' }] })
    const { id } = await client.responses.create({ model, input: 'Take your time', background: true })
    const next = () => create(false, { model, input: 'And?', previous_response_id: id })
    await expect(next()).rejects.toMatchObject({ status: 400, param: 'previous_response_id' })
    await client.responses.cancel(id)
    claude.say({ steps: [{ text: 'Well' }] })
    expect((await next()).output_text).toBe('Well')
  })

  it('that were never in the background cannot be cancelled', async () => {
    everyone.fakes.claude.say({ steps: [{ text: 'One' }] })
    const { id } = await create(false, { model, input: 'x' })
    await expect(client.responses.cancel(id)).rejects.toMatchObject({ status: 400 })
  })
})

describe('what Codex CLI does', () => {
  it('custom and function tools, reasoning kept by the client, nothing stored', async () => {
    const fake = everyone.fakes.local
    const tools: OpenAI.Responses.Tool[] = [
      {
        type: 'function',
        name: 'shell',
        strict: false,
        parameters: { type: 'object', properties: { command: { type: 'string' } } },
      },
      { type: 'custom', name: 'apply_patch', description: 'Edits files' },
    ]
    fake.say({ steps: [{ toolCall: { id: 'call_1', name: 'shell', arguments: '{"command":"ls"}' } }] })
    const body: Body = {
      model: KINDS.local.model,
      instructions: 'You are a coding agent',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'List' }] }],
      tools,
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'medium', summary: 'auto' },
      store: false,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'session',
    }
    const first = await create(true, body)
    const [call] = first.output.filter((item) => item.type === 'function_call')
    fake.say({ steps: [{ text: 'a.txt' }] })
    const second = await create(true, {
      ...body,
      input: [
        ...(body.input as OpenAI.Responses.ResponseInputItem[]),
        ...(first.output as OpenAI.Responses.ResponseInputItem[]),
        { type: 'function_call_output', call_id: call?.call_id ?? '', output: 'a.txt' },
      ],
    })
    expect(second.output_text).toBe('a.txt')
  })

  it.each([
    ['claude', 'signed', false],
    ['claude', 'signed', undefined],
    ['kimi', 'bare', false],
    ['kimi', 'bare', undefined],
  ] as const)('goes on with OpenAI where %s began, whose reasoning is %s (store: %s)', async (kind, _, store) => {
    const { [kind]: began, codex } = everyone.fakes
    const question = { role: 'user' as const, content: 'Hi' }
    const body: Body = { model: KINDS[kind].model, input: [question], reasoning: { effort: 'high' } }
    began.say({ steps: [{ reasoning: 'Hm.', signature: 'sig-1' }, { text: 'One' }] })
    const first = await create(false, { ...body, store })
    expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'message'])

    codex.say({ steps: [{ text: 'Two' }] })
    const input = [question, ...(first.output as OpenAI.Responses.ResponseInputItem[]), question]
    const second = await create(false, { ...body, model: KINDS.codex.model, input, store })
    expect(second.output_text).toBe('Two')
    expect(codex.requests.at(-1)?.json).toMatchObject({ input: [question, { type: 'message' }, question] })
  })

  it.each(kinds.filter((kind) => kind !== 'codex'))(
    'tells what a tool says while it runs, unasked, and after others spoke: %s',
    async (kind) => {
      const { model } = KINDS[kind]
      const note = (call_id: string, output: string) => ({ type: 'custom_tool_call_output', call_id, output }) as const
      const fake = everyone.fakes[kind]
      fake.say({ steps: [{ text: 'Done' }] })
      const { output_text } = await create(true, {
        model,
        store: false,
        tools: [{ type: 'custom', name: 'exec' }],
        input: [
          { role: 'user', content: 'Build it' },
          { type: 'custom_tool_call', call_id: 'call_1', name: 'exec', input: 'make' },
          { role: 'user', content: 'Quickly' },
          note('call_1', 'running'),
          { type: 'custom_tool_call', call_id: 'call_2', name: 'exec', input: 'wait' },
          note('call_1', 'half of it'),
          note('call_2', 'built'),
          { type: 'function_call_output', name: 'watch', output: 'a file changed' } as never,
        ],
      })
      expect(output_text).toBe('Done')
      expect(fake.requests.at(-1)?.text).toMatch(/running.*Quickly.*built.*half of it.*a file changed/)
    },
  )

  it("gives OpenAI its own reasoning back, beside which another vendor's was", async () => {
    const { claude, codex } = everyone.fakes
    const question = { role: 'user' as const, content: 'Hi' }
    const body: Body = {
      model: KINDS.codex.model,
      input: [question],
      reasoning: { effort: 'high' },
      include: ['reasoning.encrypted_content'],
      store: false,
    }
    codex.say({ steps: [{ reasoning: 'Hm.' }, { text: 'One' }] })
    const first = await create(false, body)
    claude.say({ steps: [{ reasoning: 'Hm.', signature: 'sig-2' }, { text: 'Two' }] })
    const begun = [question, ...(first.output as OpenAI.Responses.ResponseInputItem[]), question]
    const second = await create(false, { ...body, model: KINDS.claude.model, input: begun })
    codex.say({ steps: [{ text: 'Three' }] })
    const input = [...begun, ...(second.output as OpenAI.Responses.ResponseInputItem[]), question]
    expect((await create(false, { ...body, input })).output_text).toBe('Three')
    expect(codex.requests.at(-1)?.text.match(/"type":"reasoning"/g)).toHaveLength(1)
  })
})

describe('counts and faults', () => {
  it('counts input', async () => {
    const { data, response } = await client.responses.inputTokens
      .count({ model: KINDS.claude.model, input: 'How many?' })
      .withResponse()
    expect(data).toMatchObject({ object: 'response.input_tokens' })
    expect(data.input_tokens).toBeGreaterThan(1)
    expect(response.headers.get('x-byok-estimated')).toBeNull()
  })

  it('answers faults in the shape of OpenAI', async () => {
    const call = async (path: string, init?: RequestInit) => {
      const response = await fetch(`${everyone.url}${path}`, init)
      return { status: response.status, allow: response.headers.get('allow'), json: await response.json() }
    }
    const shape = { error: { message: expect.any(String), type: expect.any(String) } }
    expect(await call('/v1/responses')).toMatchObject({ status: 405, allow: 'POST', json: shape })
    expect(await call('/v1/responses/resp_1', { method: 'POST' })).toMatchObject({ status: 405, allow: 'GET, DELETE' })
    expect(await call('/v1/responses/resp_1/nothing')).toMatchObject({ status: 404, json: shape })
    const body = JSON.stringify({ model: 'no-such-model', input: 'x' })
    expect(await call('/v1/responses', { method: 'POST', body })).toMatchObject({
      status: 404,
      json: { error: { code: 'model_not_found' } },
    })
  })
})
