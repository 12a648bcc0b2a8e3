import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import { createByok } from '../../src/index.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { serve } from '../helpers/serve.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'

/*
 * The unmodified `openai` client against byok in front of a wire-true OpenAI: through a really started `byok serve`, whose
 * bytes pass through, and through a listening byok whose `chat` hook makes it translate.
 */

interface Running {
  url: string
  close(): Promise<unknown>
}

const providers = (upstream: FakeProvider) => ({ codex: { api_key: 'sk-test', base_url: upstream.url } })

async function served(upstream: FakeProvider): Promise<Running> {
  const run = await serve({ config: { providers: providers(upstream), upstream: { retries: 0 } } })
  return { url: run.url, close: () => run.dispose() }
}

async function translating(upstream: FakeProvider): Promise<Running> {
  const byok = await createByok({
    configFiles: false,
    env: {},
    db: '/nonexistent/byok/tokens.db',
    providers: providers(upstream),
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

describe.each([
  ['bytes pass through', served],
  ['translated', translating],
])('the openai client: %s', (_, start) => {
  let upstream: FakeProvider
  let running: Running
  let client: OpenAI

  beforeAll(async () => {
    upstream = await startOpenAIChat()
    running = await start(upstream)
    client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: 'unused', maxRetries: 0 })
  })
  afterAll(async () => {
    await running.close()
    await upstream.close()
  })

  it('gets a whole answer, with usage', async () => {
    upstream.say({ steps: [{ text: 'Hi there' }], usage: { input: 12, output: 3, cachedInput: 4 } })
    const completion = await client.chat.completions.create({ model: 'gpt-4o', messages: hello })
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
      model: 'codex/gpt-4o',
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
      const body = { model: 'gpt-4o', messages, tools }
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
    const image = 'data:image/png;base64,iVBORw0KGgo='
    upstream.say({ steps: [{ text: '{"a":1}' }] })
    await client.chat.completions.create({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: image } }] }],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'a', strict: true, schema: { type: 'object', properties: { a: { type: 'number' } } } },
      },
    })
    expect(upstream.requests.at(-1)?.json).toMatchObject({
      messages: [{ content: [{ type: 'image_url', image_url: { url: image } }] }],
      response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true } },
    })
  })

  it.each<[ScriptFailure['kind'], number, string | null]>([
    ['invalid_request', 400, null],
    ['not_found', 404, 'model_not_found'],
    ['rate_limit', 429, 'rate_limit_exceeded'],
    ['quota', 429, 'insufficient_quota'],
    ['server_error', 500, null],
  ])('gets an error of kind %s', async (kind, status, code) => {
    for (const stream of [true, false]) {
      upstream.fail({ kind })
      const error: unknown = await client.chat.completions
        .create({ model: 'gpt-4o', messages: hello, stream })
        .catch((fault: unknown) => fault)
      expect(error).toBeInstanceOf(OpenAI.APIError)
      expect(error).toMatchObject(code === null ? { status } : { status, code })
    }
  })

  it.each([{ cut: true } as const, { end: true } as const])(
    'is told of a stream that ends early by %j',
    async (step) => {
      upstream.say({ steps: [{ text: 'Hel' }, step] })
      const stream = await client.chat.completions.create({ model: 'gpt-4o', messages: hello, stream: true })
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
    const stream = await client.chat.completions.create({ model: 'gpt-4o', messages: hello, stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
    expect(await upstream.requests.at(-1)?.aborted).toBe(true)
    release()
  })

  it('keeps 200 parallel streams apart', async () => {
    const ask = async (index: number) => {
      const text = Array.from({ length: 5 }, (_, part) => `<${index}.${part}>`)
      upstream.say({ steps: [{ text }] })
      const completion = await client.chat.completions
        .stream({ model: 'gpt-4o', messages: hello })
        .finalChatCompletion()
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
    expect(data.map(({ id }) => id)).toContain('gpt-4o')
    expect(await client.models.retrieve('gpt-4o')).toMatchObject({ id: 'gpt-4o', owned_by: 'codex' })
  })

  it('is told the nearest names of a model that does not exist', async () => {
    await expect(client.chat.completions.create({ model: 'gpt-4oo', messages: hello })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      message: expect.stringContaining('gpt-4o'),
    })
  })
})
