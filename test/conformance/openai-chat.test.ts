import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import { createByok, createMemoryTokenStore } from '../../src/index.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { serve } from '../helpers/serve.ts'
import { startAnthropic } from '../upstreams/anthropic.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'
import { KINDS, withEveryone } from './providers.ts'
import type { Kind } from './providers.ts'

/*
 * The unmodified `openai` client against byok in front of wire-true providers: through a really started `byok serve` to
 * OpenAI, whose bytes pass through, and to Anthropic; and to OpenAI through a listening byok whose `chat` hook makes it
 * translate.
 */

interface Running {
  url: string
  close(): Promise<unknown>
}

/** What one run of the table is about. */
interface Setup {
  provider: 'codex' | 'claude'
  model: string
  key: string
  fake(): Promise<FakeProvider>
  start(providers: Record<string, Record<string, unknown>>): Promise<Running>
  /** An image and a JSON schema as the provider's own wire has them. */
  sent: object
}

const IMAGE = 'iVBORw0KGgo='
const SCHEMA = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false }

const openai = {
  provider: 'codex',
  model: 'gpt-4o',
  key: 'sk-test',
  fake: startOpenAIChat,
  sent: {
    messages: [{ content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE}` } }] }],
    response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema: SCHEMA } },
  },
} as const

const anthropic = {
  provider: 'claude',
  model: 'claude-sonnet-4-5',
  key: 'sk-ant-test',
  fake: () => startAnthropic({ key: 'sk-ant-test' }),
  sent: {
    messages: [{ content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: IMAGE } }] }],
    output_config: { format: { type: 'json_schema', schema: SCHEMA } },
  },
} as const

async function served(providers: Record<string, Record<string, unknown>>): Promise<Running> {
  const run = await serve({ config: { providers, upstream: { retries: 0 } } })
  return { url: run.url, close: () => run.dispose() }
}

async function translating(providers: Record<string, Record<string, unknown>>): Promise<Running> {
  const byok = await createByok({
    configFiles: false,
    env: {},
    store: createMemoryTokenStore(),
    providers,
    upstream: { retries: 0 },
    log: { level: 'silent' },
    hooks: { chat: () => {} },
  })
  const listening = await listen(byok, { port: 0 })
  return { url: listening.url, close: () => listening.close(0).then(() => byok.close()) }
}

const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
]
const hello: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hello' }]

describe.each<[string, Setup]>([
  ['to OpenAI, as it is', { ...openai, start: served }],
  ['to OpenAI, translated', { ...openai, start: translating }],
  ['to Anthropic', { ...anthropic, start: served }],
])('the openai client %s', (_, { provider, model, key, fake, start, sent }) => {
  let upstream: FakeProvider
  let running: Running
  let client: OpenAI

  beforeAll(async () => {
    upstream = await fake()
    running = await start({ [provider]: { api_key: key, base_url: upstream.url } })
    client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: 'unused', maxRetries: 0 })
  })
  afterAll(async () => {
    await running.close()
    await upstream.close()
  })

  it('gets a whole answer, with usage', async () => {
    upstream.say({ steps: [{ text: 'Hi there' }], usage: { input: 12, output: 3, cachedInput: 4 } })
    const completion = await client.chat.completions.create({ model, messages: hello })
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Hi there' } })
    expect(completion.usage).toMatchObject({
      prompt_tokens: 12,
      completion_tokens: 3,
      prompt_tokens_details: { cached_tokens: 4 },
    })
  })

  it('gets a stream, with usage where it asks', async () => {
    upstream.say({ steps: [{ text: ['He', 'llo ', '🦊'] }], usage: { input: 5, output: 2 } })
    const stream = client.chat.completions.stream({
      model: `${provider}/${model}`,
      messages: hello,
      stream_options: { include_usage: true },
    })
    const completion = await stream.finalChatCompletion()
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Hello 🦊' } })
    expect(await stream.totalUsage()).toMatchObject({ prompt_tokens: 5, completion_tokens: 2 })
  })

  it.each([true, false])('uses tools over two turns (streaming: %s)', async (streaming) => {
    upstream.say({
      steps: [
        { toolCall: { id: 'call_1', name: 'weather', arguments: ['{"ci', 'ty":"Rome"}'] } },
        { toolCall: { id: 'call_2', name: 'weather', arguments: '{"city":"Oslo"}' } },
      ],
    })
    const ask = async (messages: OpenAI.ChatCompletionMessageParam[]) => {
      const body = { model, messages, tools }
      const completion = streaming
        ? await client.chat.completions.stream(body).finalChatCompletion()
        : await client.chat.completions.create(body)
      return completion.choices[0]
    }
    const first = await ask(hello)
    expect(first?.finish_reason).toBe('tool_calls')
    const calls = first?.message.tool_calls ?? []
    expect(calls.map((call) => (call.type === 'function' ? [call.id, call.function.arguments] : []))).toEqual([
      ['call_1', '{"city":"Rome"}'],
      ['call_2', '{"city":"Oslo"}'],
    ])
    upstream.say({ steps: [{ text: 'Sunny and cold' }] })
    const second = await ask([
      ...hello,
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      { role: 'tool', tool_call_id: 'call_2', content: 'cold' },
    ])
    expect(second?.message.content).toBe('Sunny and cold')
  })

  it('sends images and a JSON schema on as they are', async () => {
    upstream.say({ steps: [{ text: '{"a":1}' }] })
    const completion = await client.chat.completions.parse({
      model,
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE}` } }] },
      ],
      response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema: SCHEMA } },
    })
    expect(completion.choices[0]?.message.content).toBe('{"a":1}')
    expect(upstream.requests.at(-1)?.json).toMatchObject(sent)
  })

  it.each<[ScriptFailure['kind'], number]>([
    ['invalid_request', 400],
    ['invalid_key', 401],
    ['not_found', 404],
    ['rate_limit', 429],
    ['server_error', 500],
  ])('gets an error of kind %s', async (kind, status) => {
    for (const stream of [true, false]) {
      // A time to wait would be kept, and this is the only account.
      upstream.fail({ kind, retryAfter: 0 })
      const error: unknown = await client.chat.completions
        .create({ model, messages: hello, stream })
        .catch((fault: unknown) => fault)
      expect(error).toBeInstanceOf(OpenAI.APIError)
      expect(error).toMatchObject({ status, error: { provider, upstream_status: status } })
    }
  })

  it.each([{ cut: true } as const, { end: true } as const])(
    'is told of a stream that ends early by %j',
    async (step) => {
      upstream.say({ steps: [{ text: 'Hel' }, step] })
      const stream = await client.chat.completions.create({ model, messages: hello, stream: true })
      let text = ''
      const reading = (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      })()
      await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError)
      expect(text).toBe('Hel')
    },
  )

  it('stops the provider when it goes away', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    upstream.say({ steps: [{ text: 'Hel' }, { wait: held }, { text: 'lo' }] })
    const stream = await client.chat.completions.create({ model, messages: hello, stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
    expect(await upstream.requests.at(-1)?.aborted).toBe(true)
    release()
  })

  it('keeps 200 parallel streams apart', async () => {
    const ask = async (index: number) => {
      const text = Array.from({ length: 5 }, (_, part) => `<${index}.${part}>`)
      upstream.say({ steps: [{ text }] })
      const completion = await client.chat.completions.stream({ model, messages: hello }).finalChatCompletion()
      return completion.choices[0]?.message.content ?? ''
    }
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(index)))
    const whole = Array.from({ length: 200 }, (_, index) =>
      [0, 1, 2, 3, 4].map((part) => `<${index}.${part}>`).join(''),
    )
    // Which request meets which script is up to the network; that none is mixed up is not.
    expect(answers.toSorted()).toEqual(whole.toSorted())
  })

  it('lists the models and knows one by its name', async () => {
    const { data } = await client.models.list()
    expect(data.map(({ id }) => id)).toContain(model)
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, owned_by: provider })
  })

  it('is told the nearest names of a model that does not exist', async () => {
    await expect(client.chat.completions.create({ model: `${model}x`, messages: hello })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      message: expect.stringContaining(model),
    })
  })
})

// What passes through is as the provider wrote it.
const TRANSLATED = (Object.keys(KINDS) as Kind[]).filter((kind) => kind !== 'local')

describe.each(TRANSLATED)('the old functions in front of %s', (kind) => {
  const { model } = KINDS[kind]

  it.each([false, true])('are answered by a function_call (streaming: %s)', (streaming) =>
    withEveryone(async ({ url, fakes }) => {
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 })
      const fake = fakes[kind]
      const call = (id: string, city: string) => ({
        toolCall: { id, name: 'weather', arguments: ['{"city":', `"${city}"}`] },
      })
      const functions = [{ name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }]
      const ask = async (messages: OpenAI.ChatCompletionMessageParam[]) => {
        const body = { model, functions, function_call: 'auto' as const, messages }
        if (!streaming) return (await client.chat.completions.create(body)).choices[0]
        return (await client.chat.completions.stream(body).finalChatCompletion()).choices[0]
      }
      fake.say({ steps: [call('call_1', 'Rome'), call('call_2', 'Oslo')] })
      const first = await ask(hello)
      expect(first).toMatchObject({
        finish_reason: 'function_call',
        message: { function_call: { name: 'weather', arguments: '{"city":"Rome"}' } },
      })
      expect(first?.message.tool_calls).toBeUndefined()

      fake.say({ steps: [{ text: 'Sunny.' }] })
      const message = first?.message as OpenAI.ChatCompletionAssistantMessageParam
      const second = await ask([...hello, message, { role: 'function', name: 'weather', content: 'sun' }])
      expect(second).toMatchObject({ finish_reason: 'stop', message: { content: 'Sunny.' } })
      expect(fake.requests.at(-1)?.text).toContain('sun')
    }),
  )
})

describe.each(TRANSLATED)('a tool whose name begins with a digit, in front of %s', (kind) => {
  const { model } = KINDS[kind]

  it.each([false, true])('is offered, chosen, called and answered by it (streaming: %s)', (streaming) =>
    withEveryone(async ({ url, fakes }) => {
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 })
      const fake = fakes[kind]
      const name = '3d_render'
      const parameters = { type: 'object', properties: { city: { type: 'string' } } }
      const ask = async (messages: OpenAI.ChatCompletionMessageParam[]) => {
        const body = {
          model,
          messages,
          tools: [{ type: 'function' as const, function: { name, parameters } }, ...tools],
          tool_choice: { type: 'function' as const, function: { name } },
        }
        if (!streaming) return (await client.chat.completions.create(body)).choices[0]?.message
        return (await client.chat.completions.stream(body).finalChatCompletion()).choices[0]?.message
      }
      fake.otherwise = ({ text }) => {
        const wire = /"name":"(\w*3d_render\w*)"/.exec(text)?.[1] ?? ''
        return { steps: [{ toolCall: { id: 'call_1', name: wire, arguments: '{}' } }] }
      }
      const first = await ask(hello)
      expect(first?.tool_calls).toMatchObject([{ function: { name } }])
      fake.say({ steps: [{ text: 'Done.' }] })
      const [call] = first?.tool_calls ?? []
      const result = { role: 'tool' as const, tool_call_id: call?.id ?? '', content: 'a cube' }
      expect((await ask([...hello, first as OpenAI.ChatCompletionMessageParam, result]))?.content).toBe('Done.')
    }),
  )
})

describe.each(TRANSLATED)('parameters as MCP servers have them, in front of %s', (kind) => {
  const file = {
    type: 'object',
    properties: { file: { type: 'string' }, lines: { type: 'array' } },
    required: ['file'],
  }
  const url = { properties: { url: { type: ['string', 'null'], minLength: 1 } }, required: ['url'] }
  it.each([
    { type: 'object' },
    { type: 'object', anyOf: [file, url] },
    { oneOf: [{ $ref: '#/definitions/File' }, url], definitions: { File: file } },
    { allOf: [file, url], $schema: 'http://json-schema.org/draft-07/schema#' },
    { $ref: '#/definitions/File', definitions: { File: file } },
  ])('are taken: %j', (parameters) =>
    withEveryone(async ({ url: base, fakes }) => {
      const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'unused', maxRetries: 0 })
      const named = [{ type: 'function' as const, function: { name: 'read', parameters } }]
      await client.chat.completions.create({ model: KINDS[kind].model, messages: hello, tools: named })
      const sent = fakes[kind].requests.at(-1)?.text ?? ''
      if ('type' in parameters && !('anyOf' in parameters)) return
      expect(sent).toContain('"lines"')
      if (!('$ref' in parameters)) expect(sent).toContain('"url"')
    }),
  )
})

it('takes what says nothing at every provider: nulls, as a dump of types has them, and text as the one modality', () =>
  withEveryone(async ({ url }) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 })
    const nothing = { audio: null, web_search_options: null as never, prediction: null, modalities: null }
    for (const { model } of Object.values(KINDS)) {
      const messages: OpenAI.ChatCompletionMessageParam[] = [
        ...hello,
        { role: 'assistant', content: 'Yes?', audio: null, function_call: null, refusal: null },
        ...hello,
      ]
      for (const fields of [nothing, { modalities: ['text' as const] }]) {
        const { choices } = await client.chat.completions.create({ model, messages, ...fields })
        expect([model, choices[0]?.message.content]).toEqual([model, 'Hello, world.'])
      }
    }
  }))
