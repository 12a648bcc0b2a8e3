import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Credential } from '../../../src/core/auth/credential.ts'
import type { ProviderConfig } from '../../../src/core/config/schema.ts'
import { openaiResponsesProtocol } from '../../../src/core/protocols/openai-responses/index.ts'
import { createMemoryTokenStore } from '../../../src/core/store/index.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createByok } from '../../../src/index.ts'
import type { Byok, ByokOptions } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../../src/testing/script.ts'
import { chatGpt, pickTranslator, readChatGptError } from '../../../src/plugins/codex/translator.ts'
import { startChatGpt } from '../../upstreams/chatgpt.ts'
import { startOpenAIResponses } from '../../upstreams/openai-responses.ts'
import { listOf } from '../../upstreams/openai-responses-wire.ts'
import type { Json } from '../../upstreams/openai-responses-wire.ts'

let byok: Byok | undefined
let fake: FakeProvider | undefined

afterEach(async () => {
  vi.useRealTimers()
  await byok?.close()
  await fake?.close()
})

async function withKey(): Promise<{ client: OpenAI; fake: FakeProvider }> {
  fake = await startOpenAIResponses()
  return { client: await client({ codex: { api_key: 'sk-test', base_url: fake.url } }), fake }
}

async function withLogin(
  more: NonNullable<ByokOptions['providers']>[string] = {},
): Promise<{ client: OpenAI; fake: FakeProvider }> {
  fake = await startChatGpt()
  const store = createMemoryTokenStore()
  await store.put({
    provider: 'codex',
    account: 'me@x.test',
    kind: 'oauth',
    tokens: { accessToken: new Secret('at-test'), refreshToken: new Secret('rt-test') },
    expiresAt: Date.now() + 3_600_000,
    metadata: { account_id: 'acct-test' },
  })
  return { client: await client({ codex: { oauth_base_url: fake.url, ...more } }, store), fake }
}

async function client(providers: ByokOptions['providers'], store = createMemoryTokenStore()): Promise<OpenAI> {
  const started = await createByok({ configFiles: false, env: {}, providers, store, upstream: { retries: 0 } })
  byok = started
  return new OpenAI({
    baseURL: 'http://127.0.0.1:8018/v1',
    apiKey: 'none',
    maxRetries: 0,
    fetch: (url, init) => started.fetch(new Request(url, init)),
  })
}

function lastBody({ requests }: FakeProvider): Json {
  return requests.at(-1)?.json as Json
}

function inputTypes(fake: FakeProvider): unknown[] {
  return listOf(lastBody(fake)['input']).map(({ type }) => type as unknown)
}

const TOOL = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
} as const
const USER = { role: 'user', content: 'Weather in Bern?' } as const
/** OpenAI's types know only text in a tool's result; clients of its format send images there all the same. */
const IMAGE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } } as never

describe('with a key', () => {
  test('a model that takes Chat Completions gets them as they are', async () => {
    const { client, fake } = await withKey()
    const answer = await client.chat.completions.create({ model: 'gpt-4o', messages: [USER], temperature: 0.3 })
    expect(answer.choices[0]?.message.content).toBe('Hello, world.')
    expect(fake.requests[0]).toMatchObject({ path: '/v1/chat/completions' })
    expect(fake.requests[0]?.headers).toMatchObject({ authorization: 'Bearer sk-test' })
    expect(lastBody(fake)).toEqual({ model: 'gpt-4o', messages: [USER], temperature: 0.3 })
  })

  test('the limit goes by its newest name where the model takes no other', async () => {
    const { client, fake } = await withKey()
    await client.chat.completions.create({ model: 'gpt-5-mini', messages: [USER], max_tokens: 32_000 })
    expect(lastBody(fake)).toEqual({ model: 'gpt-5-mini', messages: [USER], max_completion_tokens: 32_000 })
    await client.chat.completions.create({ model: 'gpt-4o', messages: [USER], max_tokens: 32_000 })
    expect(lastBody(fake)).toEqual({ model: 'gpt-4o', messages: [USER], max_tokens: 32_000 })
  })

  test.each(['gpt-5.3-codex', 'gpt-9-codex-max', 'o3-pro', 'gpt-6-cyber', 'gpt-6-rosalind', 'gpt-6.2-astra-law'])(
    '%s is asked in Responses',
    async (model) => {
      const { client, fake } = await withKey()
      fake.say({ steps: [{ text: ['Sun', 'ny'] }], usage: { input: 20, output: 3, cachedInput: 8, reasoning: 2 } })
      const messages = [USER]
      const answer = await client.chat.completions.create({ model: `codex/${model}`, messages })
      expect(fake.requests[0]?.path).toBe('/v1/responses')
      expect(answer).toMatchObject({
        object: 'chat.completion',
        model,
        choices: [{ message: { content: 'Sunny' }, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 20,
          completion_tokens: 3,
          prompt_tokens_details: { cached_tokens: 8 },
          completion_tokens_details: { reasoning_tokens: 2 },
        },
      })
    },
  )

  test.each([
    ['gpt-6-astra', 'none', 'low'],
    ['gpt-6.1-sol', 'minimal', 'low'],
    ['gpt-6.2-sol', 'none', 'low'],
    ['gpt-5.3-codex', 'none', 'low'],
    ['gpt-6-sol', 'none', 'none'],
    ['gpt-6.2-astra', 'max', 'max'],
  ] as const)('%s that is asked for %s is asked for %s', async (model, asked, effort) => {
    const { fake } = await withKey()
    const request = { model, messages: [{ role: 'user' as const, content: 'Hi' }], reasoning: { effort: asked } }
    expect(await byok?.chat(request)).toMatchObject({ choices: [{ finishReason: 'stop' }] })
    const sent = lastBody(fake)
    expect(sent['reasoning_effort'] ?? (sent['reasoning'] as { effort?: string }).effort).toBe(effort)
  })

  test('a request of Chat Completions that has to be translated asks for the least reasoning too', async () => {
    const { client, fake } = await withKey()
    const messages = [
      USER,
      {
        role: 'assistant' as const,
        tool_calls: [{ id: 'call_1', type: 'function' as const, function: { name: 'weather', arguments: '{}' } }],
      },
      { role: 'tool' as const, tool_call_id: 'call_1', content: [IMAGE] },
    ]
    await client.chat.completions.create({ model: 'gpt-6-astra', reasoning_effort: 'none', temperature: 0.2, messages })
    expect(fake.requests[0]?.path).toBe('/v1/responses')
    expect(lastBody(fake)['reasoning']).toEqual({ effort: 'low' })
    expect(lastBody(fake)).not.toHaveProperty('temperature')
  })

  test('reasoning and calls over two turns, with the proof the fake wants back', async () => {
    const { client, fake } = await withKey()
    fake.say({
      steps: [
        { reasoning: ['I should ', 'look.'] },
        { toolCall: { id: 'call_1', name: 'weather', arguments: ['{"city":', '"Bern"}'] } },
        { toolCall: { id: 'call_2', name: 'weather', arguments: '{"city":"Thun"}' } },
      ],
    })
    fake.chunking = { size: 5 }
    const request = { model: 'gpt-5.3-codex', tools: [TOOL], reasoning: { summary: 'auto' }, messages: [USER] }
    const stream = client.chat.completions.stream(request)
    const first = await stream.finalChatCompletion()
    expect(first.choices[0]?.finish_reason).toBe('tool_calls')
    const message = first.choices[0]?.message
    expect(message?.tool_calls?.map((call) => call.type === 'function' && call.function.arguments)).toEqual([
      '{"city":"Bern"}',
      '{"city":"Thun"}',
    ])

    const whole = await client.chat.completions.create({
      ...request,
      messages: [
        USER,
        message as OpenAI.ChatCompletionMessageParam,
        { role: 'tool', tool_call_id: 'call_1', content: 'sun' },
        { role: 'tool', tool_call_id: 'call_2', content: 'rain' },
      ],
    })
    expect(whole.choices[0]?.message.content).toBe('Hello, world.')
    expect(inputTypes(fake)).toEqual([
      'message',
      'reasoning',
      'function_call',
      'function_call',
      'function_call_output',
      'function_call_output',
    ])
  })

  describe('tools beside reasoning, which Chat Completions refuses', () => {
    test.each([
      ['gpt-5.4', undefined, 'chat/completions'],
      ['gpt-5.4', 'high', 'responses'],
      ['gpt-5.4-mini', 'none', 'responses'],
      ['gpt-5.5', undefined, 'responses'],
      ['gpt-5.6-terra', 'low', 'responses'],
      ['gpt-5.6-terra', 'none', 'chat/completions'],
      ['gpt-5.2', 'high', 'chat/completions'],
    ] as const)('%s with effort %s goes to /%s', async (model, effort, path) => {
      const { client, fake } = await withKey()
      fake.say({ steps: [{ toolCall: { id: 'call_1', name: 'weather', arguments: '{"city":"Bern"}' } }] })
      const asked = { model, messages: [USER], tools: [TOOL], ...(effort && { reasoning_effort: effort }) }
      const answer = await client.chat.completions.create(asked)
      expect(fake.requests[0]?.path).toBe(`/v1/${path}`)
      expect(answer.choices[0]).toMatchObject({
        message: { tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Bern"}' } }] },
        finish_reason: 'tool_calls',
      })
      if (path === 'chat/completions') expect(lastBody(fake)).toEqual(asked)
      else expect(lastBody(fake)['reasoning']).toEqual(effort && { effort })
    })

    test.each(['gpt-6-astra', 'gpt-6.1-sol', 'gpt-6.2-sol'])(
      '%s reasons even where it is told not to',
      async (model) => {
        const { client, fake } = await withKey()
        await client.chat.completions.create({ model, messages: [USER], tools: [TOOL], reasoning_effort: 'none' })
        expect(fake.requests[0]?.path).toBe('/v1/responses')
        expect(lastBody(fake)['reasoning']).toEqual({ effort: 'low' })
      },
    )

    test('streams too', async () => {
      const { client, fake } = await withKey()
      fake.say({ steps: [{ reasoning: 'Hm' }, { toolCall: { id: 'call_1', name: 'weather', arguments: '{}' } }] })
      const stream = client.chat.completions.stream({ model: 'gpt-5.5', messages: [USER], tools: [TOOL] })
      const [choice] = (await stream.finalChatCompletion()).choices
      expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ id: 'call_1' }] } })
      expect(fake.requests[0]?.path).toBe('/v1/responses')
    })

    test('without tools bytes pass through', async () => {
      const { client, fake } = await withKey()
      const asked = { model: 'gpt-5.5', messages: [USER], reasoning_effort: 'high' as const }
      await client.chat.completions.create(asked)
      expect(fake.requests[0]?.path).toBe('/v1/chat/completions')
      expect(lastBody(fake)).toEqual(asked)
    })

    test.each([
      [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, { effort: 'medium', summary: 'auto' }],
      [{}, undefined],
    ])('of a client of Messages, with %j', async (fields, reasoning) => {
      const { fake } = await withKey()
      const answer = await byok?.fetch(
        new Request('http://127.0.0.1:8018/v1/messages', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            model: 'gpt-5.5',
            max_tokens: 4096,
            messages: [USER],
            tools: [{ name: 'weather', input_schema: TOOL.function.parameters }],
            ...fields,
          }),
        }),
      )
      expect(answer?.status).toBe(200)
      expect(fake.requests[0]?.path).toBe('/v1/responses')
      expect(lastBody(fake)['reasoning']).toEqual(reasoning)
    })
  })

  test('a conversation goes on whose reasoning belongs to another organization', async () => {
    const other = await startOpenAIResponses()
    onTestFinished(() => other.close())
    other.say({ steps: [{ reasoning: 'I see.' }, { text: 'Yes.' }] })
    const { client, fake } = await withKey()
    const request = { model: 'gpt-5.3-codex', store: false, include: ['reasoning.encrypted_content' as const] }
    const theirs = new OpenAI({ baseURL: other.url, apiKey: 'sk-test', maxRetries: 0 })
    const { output } = await theirs.responses.create({ ...request, input: [USER] })
    const input = [USER, ...output, USER] as OpenAI.Responses.ResponseInput
    expect((await client.responses.create({ ...request, input })).output_text).toBe('Hello, world.')
    expect(fake.requests).toHaveLength(2)
    const [, message] = listOf(lastBody(fake)['input'])
    expect(lastBody(fake)['input']).toHaveLength(3)
    expect(message).toMatchObject({ type: 'message', role: 'assistant' })
    expect(message).not.toHaveProperty('id')
  })

  test.each([
    ['max', 'xhigh'],
    ['minimal', 'none'],
  ] as const)('a model that does not take the effort %s of other clients is asked for %s', async (effort, taken) => {
    const { client, fake } = await withKey()
    for (const requests of [2, 3]) {
      await byok?.chat({ model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi' }], reasoning: { effort } })
      expect(lastBody(fake)).toMatchObject({ reasoning_effort: taken })
      expect(fake.requests).toHaveLength(requests)
    }
    const own = client.responses.create({ model: 'gpt-5.5', input: 'Hi', reasoning: { effort: effort as never } })
    await expect(own).rejects.toThrow(/does not support/)
  })

  test("reasoning is given back where the client sends OpenRouter's details", async () => {
    const { client, fake } = await withKey()
    fake.say({ steps: [{ reasoning: 'I see.' }, { text: 'Yes.' }] })
    const request = { model: 'gpt-5.3-codex', reasoning_effort: 'high' } as const
    const first = await client.chat.completions.create({ ...request, messages: [USER] })
    const said = first.choices[0]?.message as OpenAI.ChatCompletionAssistantMessageParam
    await client.chat.completions.create({ ...request, messages: [USER, said, USER] })
    const [, reasoning, message] = listOf(lastBody(fake)['input'])
    expect(reasoning).toMatchObject({ type: 'reasoning', encrypted_content: expect.stringMatching(/^gAAAA/) })
    expect(reasoning?.['id']).toMatch(/^rs_/)
    expect(message).toMatchObject({ role: 'assistant' })
    expect(lastBody(fake)['reasoning']).toEqual({ effort: 'high' })
  })

  test('images, a schema and a forced tool', async () => {
    const { client, fake } = await withKey()
    await client.chat.completions.create({
      model: 'gpt-5.3-codex',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO', detail: 'low' } },
          ],
        },
      ],
      tools: [TOOL],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      response_format: { type: 'json_schema', json_schema: { name: 'out', schema: { type: 'object' } } },
      max_tokens: 40,
    })
    expect(lastBody(fake)).toMatchObject({
      input: [
        {
          content: [
            { type: 'input_text', text: 'What?' },
            { type: 'input_image', image_url: 'data:image/png;base64,iVBO', detail: 'low' },
          ],
        },
      ],
      tool_choice: { type: 'function', name: 'weather' },
      text: { format: { type: 'json_schema', name: 'out' } },
      max_output_tokens: 40,
      store: false,
    })
  })

  test.each([
    ['length', 'length'],
    ['content_filter', 'content_filter'],
  ] as const)('an answer cut by %s', async (finish, expected) => {
    const { client, fake } = await withKey()
    fake.say({ steps: [{ text: 'Half' }], finish })
    const answer = await client.chat.completions.create({ model: 'gpt-5.3-codex', messages: [USER] })
    expect(answer.choices[0]).toMatchObject({ message: { content: 'Half' }, finish_reason: expected })
  })

  test.each<[ScriptFailure['kind'], number, string | null]>([
    ['invalid_request', 400, 'invalid_value'],
    ['invalid_key', 401, 'invalid_api_key'],
    ['forbidden', 403, 'unsupported_country_region_territory'],
    ['not_found', 404, 'model_not_found'],
    ['too_large', 413, null],
    ['context_length', 400, 'context_length_exceeded'],
    ['rate_limit', 429, 'rate_limit_exceeded'],
    ['quota', 429, 'insufficient_quota'],
    ['server_error', 500, null],
    ['overloaded', 503, null],
  ])('%s keeps its status and code', async (kind, status, code) => {
    const { client, fake } = await withKey()
    fake.fail({ kind })
    const asked = client.chat.completions.create({ model: 'gpt-5.3-codex', messages: [USER] })
    await expect(asked).rejects.toMatchObject({ status, code })
  })

  test('a stream that is cut, or ends too soon, or fails, is an error', async () => {
    const { client, fake } = await withKey()
    for (const end of [{ cut: true }, { end: true }, { error: { kind: 'server_error' } }] as const) {
      fake.say({ steps: [{ text: 'Half' }, end] })
      const asked = client.chat.completions.create({ model: 'gpt-5.3-codex', messages: [USER], stream: true })
      await expect(asked.then(drain)).rejects.toThrow()
    }
  })

  test('a client that goes away ends the request', async () => {
    const { client, fake } = await withKey()
    let release = (): void => undefined
    fake.say({
      steps: [{ text: 'One' }, { wait: new Promise<void>((resolve) => (release = resolve)) }, { text: 'Two' }],
    })
    const stream = await client.chat.completions.create({ model: 'gpt-5.3-codex', messages: [USER], stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
    await expect(fake.requests[0]?.aborted).resolves.toBe(true)
    release()
  })
})

describe('reasoning that is to be told again on the next turn', () => {
  const ENCRYPTED = 'reasoning.encrypted_content'
  type Asked = OpenAI.Responses.ResponseCreateParamsNonStreaming
  const MORE: [string, Partial<Asked>, unknown][] = [
    ['of a response that is kept', { model: 'gpt-5.5' }, [ENCRYPTED]],
    [
      'beside what else is asked',
      { model: 'o3', include: ['web_search_call.results'] },
      ['web_search_call.results', ENCRYPTED],
    ],
    ['where it was asked', { model: 'gpt-5.5', include: [ENCRYPTED] }, [ENCRYPTED]],
    ['not where nothing is kept', { model: 'gpt-5.5', store: false }, undefined],
    ['not of a model that does not reason', { model: 'gpt-4o' }, undefined],
    ['not of one that may not', { model: 'codex/gpt-5-chat-latest' }, undefined],
  ]

  test.each(MORE)('is asked for encrypted %s', async (_, fields, include) => {
    const { client, fake } = await withKey()
    fake.say({ steps: [{ text: 'Hi' }] })
    await client.responses.create({ input: 'Hi', ...fields })
    expect(lastBody(fake)['include']).toEqual(include)
  })

  test('leaves the rest of the request word for word', async () => {
    const { client, fake } = await withKey()
    fake.say({ steps: [{ text: 'Hi' }] })
    const body = '{"model":"gpt-5.5", "input":"Hi", "metadata":{"n":90071992547409931} }'
    await client.post('/responses', { body: Buffer.from(body), headers: { 'content-type': 'application/json' } })
    expect(fake.requests.at(-1)?.text).toBe(`${body.slice(0, -1)},"include":["${ENCRYPTED}"]}`)
  })
})

describe('ids of items that OpenAI refuses, of other servers or of Codex itself', () => {
  const call = { call_id: 'call_1', name: 'weather', arguments: '{}' } as const
  const own = { type: 'function_call', id: 'fc_1', ...call, call_id: 'call_2' } as const
  const input = [
    { type: 'message', id: '019f629b-43ee-7a82-acb1-3071dbffbdad', ...USER },
    { type: 'message', id: `msg_${'x'.repeat(70)}`, ...USER },
    { type: 'function_call', id: 'item_c270d5511c7129adc7475632', ...call },
    { type: 'function_call_output', id: 'out:1', call_id: 'call_1', output: 'sunny' },
    own,
    { type: 'function_call_output', call_id: 'call_2', output: 'sunny' },
    { type: 'custom_tool_call', id: 'fc_2', call_id: 'call_3', name: 'patch', input: 'x' },
    { type: 'custom_tool_call_output', id: 'fco_2', call_id: 'call_3', output: 'y' },
  ] as const

  test.each([
    ['a login', withLogin, 'gpt-6-sol'],
    ['a key', withKey, 'gpt-5.3-codex'],
  ])('are left out with %s', async (_, start, model) => {
    const { client, fake } = await start()
    fake.say({ steps: [{ text: 'Hi' }] })
    await client.post('/responses', { body: { model, input } })
    const sent = listOf(lastBody(fake)['input'])
    expect(sent.map(({ type }) => type as unknown)).toEqual(input.map(({ type }) => type))
    expect(sent.flatMap(({ id }) => id ?? [])).toEqual([own.id])
  })
})

describe('with a login', () => {
  test("asks ChatGPT's backend as it wants to be asked, saying who byok is", async () => {
    const { client, fake } = await withLogin()
    const answer = await client.chat.completions.create({
      model: 'gpt-6-sol',
      messages: [{ role: 'system', content: 'Be brief.' }, { role: 'developer', content: 'In verse.' }, USER],
      temperature: 0.2,
      top_p: 0.5,
      max_tokens: 100,
      user: 'u',
      metadata: { a: 'b' },
      service_tier: 'flex',
      prompt_cache_key: 'session-1',
    })
    expect(answer.choices[0]?.message.content).toBe('Hello, world.')
    const [request] = fake.requests
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer at-test',
      'chatgpt-account-id': 'acct-test',
      originator: 'byok',
      'session-id': 'session-1',
      accept: 'text/event-stream',
      'user-agent': expect.stringMatching(/^byok\//),
    })
    expect(lastBody(fake)).toEqual({
      model: 'gpt-6-sol',
      instructions: 'Be brief.',
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'In verse.' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Weather in Bern?' }] },
      ],
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'session-1',
    })
  })

  test.each(['', 'agent:42 issue:7', `${'client'.repeat(12)}:codex`])(
    'shortens a cache key it refuses: %j',
    async (named) => {
      const { client, fake } = await withLogin()
      const keyOf = async (key: string, content: string) => {
        fake.say({ steps: [{ text: 'Hi' }] })
        await client.responses.create({ model: 'gpt-6-sol', input: content, prompt_cache_key: key })
        const { prompt_cache_key: sent } = lastBody(fake)
        expect(fake.requests.at(-1)?.headers['session-id']).toBe(sent)
        return sent
      }
      const key = await keyOf(named, 'Hi')
      expect(key).toMatch(/^[\w-]{22}$/)
      expect(await keyOf(`${named}2`, 'Hi')).not.toBe(key)
      expect(await keyOf(named, named === '' ? 'Hi' : 'And?')).toBe(key)
    },
  )

  test('leads the turns of a conversation to one cache, whether or not the client names it', async () => {
    const { client, fake } = await withLogin()
    const keys = async (ask: (model: string) => Promise<unknown>) => {
      fake.say({ steps: [{ text: 'Hi' }] })
      await ask('gpt-6-sol')
      const { prompt_cache_key: key } = lastBody(fake)
      expect(key).toMatch(/^[\w-]{22}$/)
      expect(fake.requests.at(-1)?.headers['session-id']).toBe(key)
      return key
    }
    const hello = { role: 'user' as const, content: 'Hello' }
    const more = [{ role: 'assistant' as const, content: 'Hi' }, hello]
    const chat = (messages: OpenAI.ChatCompletionMessageParam[]) =>
      keys((model) => client.chat.completions.create({ model, messages }))
    expect(await chat([hello, ...more])).toBe(await chat([hello]))
    expect(await chat([USER])).not.toBe(await chat([hello]))

    const anthropic = new Anthropic({
      baseURL: 'http://127.0.0.1:8018',
      apiKey: 'none',
      maxRetries: 0,
      fetch: (url, init) => byok?.fetch(new Request(url, init)) ?? Promise.reject(new Error('there is no byok')),
    })
    // As Claude Code says who asks: the session is one conversation, whatever else is in it.
    const claudeCode = (session: string, messages: Anthropic.MessageParam[]) =>
      keys((model) =>
        anthropic.messages.create({
          model,
          max_tokens: 100,
          messages,
          metadata: { user_id: JSON.stringify({ device_id: 'd'.repeat(64), session_id: session }) },
        }),
      )
    expect(await claudeCode('s1', [USER as Anthropic.MessageParam])).toBe(await claudeCode('s1', [hello, ...more]))
    expect(await claudeCode('s1', [hello])).not.toBe(await claudeCode('s2', [hello]))
  })

  test.each([
    ['priority', 'priority'],
    ['fast', 'priority'],
    ['ultrafast', 'ultrafast'],
    ['auto', undefined],
  ])('asks for the tier %s by the name that ChatGPT has for it, of clients of both formats', async (tier, asked) => {
    const { client, fake } = await withLogin()
    const model = 'gpt-5.6-sol'
    // The types of this version of the client do not have all of them.
    await client.post('/responses', { body: { model, input: 'Hi', service_tier: tier } })
    expect(lastBody(fake)['service_tier']).toBe(asked)
    await client.post('/chat/completions', { body: { model, messages: [USER], service_tier: tier } })
    expect(lastBody(fake)['service_tier']).toBe(asked)
  })

  test('a later system message is a developer one, and instructions are always there', async () => {
    const { client, fake } = await withLogin()
    await client.chat.completions.create({ model: 'gpt-6-sol', messages: [USER, { role: 'system', content: 'Now!' }] })
    expect(lastBody(fake)).toMatchObject({ instructions: '', input: [{ role: 'user' }, { role: 'developer' }] })
  })

  test.each([
    ['gpt-6.1-sol', 'Be brief.', ['user']],
    ['gpt-6.2-sol', '', ['developer', 'user']],
    ['gpt-6.2-astra', '', ['developer', 'user']],
  ])('a system prompt of %s stands where OpenAI caches it', async (model, instructions, roles) => {
    const { client, fake } = await withLogin()
    await client.chat.completions.create({ model, messages: [{ role: 'system', content: 'Be brief.' }, USER] })
    const sent = lastBody(fake)
    expect(sent['instructions']).toBe(instructions)
    expect(listOf(sent['input']).map(({ role }) => role as string)).toEqual(roles)
    // What a client of Responses puts there is for this request alone, as with OpenAI.
    await client.responses.create({ model, instructions: 'Be brief.', input: 'Hi' })
    expect(lastBody(fake)['instructions']).toBe('Be brief.')
  })

  test('reasoning by its id alone, which nobody kept, holds up no conversation', async () => {
    const started = await withLogin()
    started.fake.say({ steps: [{ text: 'Yes.' }] })
    const { output_text: said } = await started.client.responses.create({
      model: 'gpt-6-sol',
      input: [
        { role: 'user', content: 'Look.' },
        { type: 'reasoning', id: `rs_${'1'.repeat(48)}`, summary: [{ type: 'summary_text', text: 'Hm.' }] },
        { type: 'function_call', id: `fc_${'1'.repeat(48)}`, call_id: 'call_1', name: 'look', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'all there' },
      ],
      tools: [{ type: 'function', name: 'look', parameters: { type: 'object', properties: {} }, strict: false }],
    })
    expect(said).toBe('Yes.')
    const { input } = lastBody(started.fake)
    expect(input.map(({ type }: Json) => type)).toEqual(['message', 'function_call', 'function_call_output'])
    expect(input[1]).not.toHaveProperty('id')
  })

  test('nor do reasoning and pictures that OpenAI alone has', async () => {
    const { client, fake } = await withLogin()
    const input = [
      USER,
      { type: 'reasoning', id: 'rs_0a1b', summary: [{ type: 'summary_text', text: 'I see.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Yes.', annotations: [] }] },
      { type: 'image_generation_call', id: 'ig_0a1b', status: 'completed', result: null },
      USER,
    ] as OpenAI.Responses.ResponseInput
    expect((await client.responses.create({ model: 'gpt-6-sol', input })).output_text).toBe('Hello, world.')
    expect(listOf(lastBody(fake)['input']).map(({ role }) => role as string)).toEqual(['user', 'assistant', 'user'])
  })

  test('Codex’ notes on its items go on to OpenAI, by login and by key', async () => {
    const notes = { internal_chat_message_metadata_passthrough: { turn_id: 'turn-1', create_time: 1.5 } }
    const message = { type: 'message' as const, role: 'user' as const, content: 'Hi', ...notes }
    for (const { client, fake } of [await withLogin(), await withKey()]) {
      await client.responses.create({ model: 'gpt-6-sol', input: [message], store: false })
      expect(listOf(lastBody(fake)['input'])).toMatchObject([notes])
    }
  })

  test.each([true, false])('what its items say beside their words reaches clients (streaming: %s)', async (stream) => {
    const { client, fake } = await withLogin()
    // openai-node 7, resources/responses/responses.d.ts: `ResponseOutputMessage`, `ResponseFunctionToolCall`, `ResponseCustomToolCall`.
    const said = (text: string, phase: string) => ({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
      phase,
    })
    const call = { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"a":1}', async: true }
    const items: Json[] = [
      said('First I look.', 'commentary'),
      said('Now I look.', 'commentary'),
      call,
      { type: 'custom_tool_call', call_id: 'call_2', name: 'patch', input: '***', caller: { type: 'direct' } },
      said('It rains.', 'final_answer'),
    ]
    const events: Json[] = items.flatMap((whole, at) => {
      const item = { ...whole, id: `item_${at}`, status: 'completed' }
      const begun = { ...item, ...('content' in whole && { content: [] }), status: 'in_progress' }
      const delta = listOf(whole['content'])[0]?.['text'] as unknown
      return [
        { type: 'response.output_item.added', output_index: at, item: begun },
        ...(delta === undefined ? [] : [{ type: 'response.output_text.delta', output_index: at, delta }]),
        { type: 'response.output_item.done', output_index: at, item },
      ]
    })
    const end = {
      type: 'response.completed',
      response: { id: 'resp_1', status: 'completed', output: [], end_turn: false },
    }
    const raw = [...events, end].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
    fake.say({ steps: [{ raw }, { end: true }] })
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false },
      { type: 'custom', name: 'patch' },
    ]
    const body = { model: 'gpt-6-astra', input: 'Weather in Bern?', tools }
    const response = stream
      ? await client.responses.stream({ ...body, stream: true }).finalResponse()
      : await client.responses.create(body)
    const { output } = response
    expect(response).toMatchObject({ status: 'completed', end_turn: false })
    expect(output).toMatchObject(items)
    expect(output).toHaveLength(items.length)
    // They go back as they came.
    const results = [
      { type: 'function_call_output', call_id: 'call_1', output: 'rain' },
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'ok' },
    ]
    await client.responses.create({ ...body, input: [...output, ...results] as OpenAI.Responses.ResponseInput })
    const sent = listOf(lastBody(fake)['input']).map(({ phase, async, caller }) => ({ phase, async, caller }))
    expect(sent.slice(0, items.length)).toEqual(items.map(({ phase, async, caller }) => ({ phase, async, caller })))
  })

  test("a client's marks of where to cache are left out", async () => {
    const { client, fake } = await withLogin()
    const prompt_cache_breakpoint = { mode: 'explicit' } as const
    await client.responses.create({
      model: 'gpt-6-sol',
      tools: [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: {} }, strict: false }],
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Weather in Bern?', prompt_cache_breakpoint }] },
        { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
        {
          type: 'function_call_output',
          call_id: 'call_1',
          output: [{ type: 'input_text', text: 'sun', prompt_cache_breakpoint }],
        },
      ],
    })
    expect(lastBody(fake)['input']).toMatchObject([
      { role: 'user', content: [{ type: 'input_text', text: 'Weather in Bern?' }] },
      { type: 'function_call' },
      { type: 'function_call_output', output: [{ type: 'input_text', text: 'sun' }] },
    ])
    const text = { type: 'text', text: 'Weather in Bern?', prompt_cache_breakpoint } as const
    await client.chat.completions.create({ model: 'gpt-6-sol', messages: [{ role: 'user', content: [text] }] })
    expect(fake.requests).toHaveLength(2)
  })

  test.each([
    [{ type: 'web_search_preview' }, { type: 'web_search' }],
    [{ type: 'web_search_preview_2025_03_11' }, { type: 'web_search' }],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'web_search_preview' }] },
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'web_search' }] },
    ],
    ['required', 'required'],
  ] as const)('web search in preview is asked for by its name of today: %j', async (choice, named) => {
    const { client, fake } = await withLogin()
    await client.responses.create({
      model: 'gpt-6-sol',
      input: 'Weather in Bern?',
      tools: [{ type: 'web_search_preview' }],
      tool_choice: typeof choice === 'object' && 'tools' in choice ? { ...choice, tools: [...choice.tools] } : choice,
    })
    expect(lastBody(fake)).toMatchObject({ tools: [{ type: 'web_search' }], tool_choice: named })
  })

  test('streams', async () => {
    const { client, fake } = await withLogin()
    fake.chunking = { size: 3 }
    fake.say({ steps: [{ reasoning: 'Hm' }, { text: ['Grüß', ' dich 🌍'] }], usage: { input: 5, output: 6 } })
    const stream = client.chat.completions.stream({
      model: 'gpt-6-sol',
      messages: [USER],
      stream_options: { include_usage: true },
    })
    const answer = await stream.finalChatCompletion()
    expect(answer.choices[0]?.message.content).toBe('Grüß dich 🌍')
    expect(answer.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 6 })
  })

  test('logprobs are refused by name', async () => {
    const { client } = await withLogin()
    const asked = client.chat.completions.create({ model: 'gpt-6-sol', messages: [USER], logprobs: true })
    await expect(asked).rejects.toMatchObject({ status: 400, param: 'logprobs', code: 'unsupported_feature' })
  })

  test.each([true, false])(
    "Claude Code's Read is called without pages that are empty (streaming: %s)",
    async (stream) => {
      const { fake } = await withLogin()
      const given = { file_path: '/etc/hosts', limit: 5, pages: '' }
      fake.say({
        steps: [
          {
            toolCall: {
              id: 'call_1',
              name: 'Read',
              arguments: [`{"file_path":"/etc/hosts",`, `"limit":5,"pages":""}`],
            },
          },
          { toolCall: { id: 'call_2', name: 'Read', arguments: '{"file_path":"a.pdf","pages":"1-2"}' } },
          { toolCall: { id: 'call_3', name: 'Write', arguments: '{"file_path":"a","content":"","pages":""}' } },
        ],
      })
      const properties = Object.fromEntries([...Object.keys(given), 'content'].map((name) => [name, {}]))
      const tools = ['Read', 'Write'].map((name) => ({
        name,
        input_schema: { type: 'object', properties, required: ['file_path'] },
      }))
      const fetch = (url: string | URL | Request, init?: RequestInit) => {
        if (!byok) throw new Error('byok is not started')
        return byok.fetch(new Request(url, init))
      }
      const claude = new Anthropic({ baseURL: 'http://127.0.0.1:8018', apiKey: 'none', maxRetries: 0, fetch })
      const asked = { model: 'gpt-6-sol', max_tokens: 64, messages: [USER], tools } as Anthropic.MessageCreateParams
      const answer = stream
        ? await claude.messages.stream(asked).finalMessage()
        : await claude.messages.create({ ...asked, stream: false })
      expect(answer.content).toMatchObject([
        { name: 'Read', input: { file_path: '/etc/hosts', limit: 5 } },
        { name: 'Read', input: { file_path: 'a.pdf', pages: '1-2' } },
        { name: 'Write', input: { file_path: 'a', content: '', pages: '' } },
      ])
      expect(answer.content[0]).not.toHaveProperty('input.pages')
    },
  )

  // What it asks before a tool may run: techysy/10router issue 18.
  test.each([true, false])("Claude Code's auto mode gets its verdict (streaming: %s)", async (stream) => {
    const { fake } = await withLogin()
    fake.say({ steps: [{ text: ['<blo', 'ck>no</', 'block><reason>Harmless.'] }] })
    const body = { model: 'gpt-6-sol', max_tokens: 64, messages: [USER], stop_sequences: ['</block>'], stream }
    const answer = await byok?.fetch(
      new Request('http://127.0.0.1:8018/v1/messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
    const text = await answer?.text()
    expect(text).toContain('"stop_reason":"stop_sequence","stop_sequence":"</block>"')
    expect(text).not.toContain('reason>')
    if (!stream) expect(JSON.parse(text ?? '')).toMatchObject({ content: [{ type: 'text', text: '<block>no' }] })
  })

  // Anthropic's clients have as many as they like, and Google's five.
  test.each([true, false])(
    'more stop sequences than OpenAI takes are kept all the same (streaming: %s)',
    async (stream) => {
      const { fake } = await withKey()
      const stop_sequences = ['</a>', '</b>', '</c>', '</d>', '</e>']
      fake.say({ steps: [{ text: ['yes</', 'e> and more'] }] })
      const answer = await byok?.fetch(
        new Request('http://127.0.0.1:8018/v1/messages', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'gpt-4.1', max_tokens: 64, messages: [USER], stop_sequences, stream }),
        }),
      )
      const text = await answer?.text()
      expect(text).toContain('"stop_reason":"stop_sequence","stop_sequence":"</e>"')
      expect(text).not.toContain('and more')
      expect(fake.requests.at(-1)?.json).toMatchObject({ stop: stop_sequences.slice(0, 4) })
    },
  )

  test('a plan that is used up says when it begins anew', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_764_000_000_000 })
    const { client, fake } = await withLogin()
    fake.fail({ kind: 'quota', retryAfter: 120 })
    const failure: unknown = await client.chat.completions
      .create({ model: 'gpt-6-sol', messages: [USER] })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ status: 429, code: 'usage_limit_reached' })
    expect((failure as InstanceType<typeof OpenAI.RateLimitError>).headers.get('retry-after')).toBe('120')
  })

  test('a plan without Codex is told by the code alone, where a stream says it', async () => {
    const { client, fake } = await withLogin()
    const error = { code: 'usage_not_included', message: 'Upgrade to Plus.' }
    fake.say({ steps: [{ raw: `data: ${JSON.stringify({ type: 'response.failed', response: { error } })}\n\n` }] })
    const asked = client.chat.completions.create({ model: 'gpt-6-sol', messages: [USER] })
    await expect(asked).rejects.toMatchObject({ status: 429, type: 'insufficient_quota', code: 'usage_not_included' })
  })

  test("the backend's own words reach the client", async () => {
    const { client } = await withLogin()
    const asked = client.chat.completions.create({ model: 'gpt-4o', messages: [USER] })
    await expect(asked).rejects.toThrow(/'gpt-4o' model is not supported when using Codex with a ChatGPT account/)
  })

  test('a model for newer Codex alone is no fault of the request: a key may have it', async () => {
    const { client, fake } = await withLogin()
    const message =
      "The 'gpt-6.2-sol' model requires a newer version of Codex. Please upgrade to the latest app or CLI and try again."
    fake.fail({ kind: 'invalid_request', message })
    const asked = client.chat.completions.create({ model: 'gpt-6.2-sol', messages: [USER] })
    await expect(asked).rejects.toMatchObject({ status: 403, code: 'model_not_supported' })
    await expect(asked).rejects.toThrow(/requires a newer version of Codex\b.* use an OpenAI API key/)
  })
})

describe('models', () => {
  test.each(['gpt-6-sol', 'gpt-6.2-astra'])('%s of a login reasons, if little', async (model) => {
    const { client, fake } = await withLogin()
    await client.chat.completions.create({ model, messages: [USER], reasoning_effort: 'none' })
    expect(lastBody(fake)['reasoning']).toEqual({ effort: 'low' })
  })

  test('they reason from the beginning of a conversation, and whatever it changes on its way', () => {
    const update = (effort: string) => ({ type: 'configuration_update', reasoning: { effort } })
    const chat = openaiResponsesProtocol.decode({
      model: 'gpt-6-sol',
      input: [update('minimal'), USER, update('high'), USER],
      reasoning: { effort: 'none' },
    })
    expect(chatGpt.request(chat)).toMatchObject({
      input: [update('low'), { role: 'user' }, update('high'), { role: 'user' }],
      reasoning: { effort: 'low' },
    })
  })

  test('a login is offered those that it can use, and no others', async () => {
    const { client } = await withLogin()
    const { data } = await client.models.list()
    const ids = data.map(({ id }) => id)
    expect(ids).toEqual([
      'gpt-6.2-astra',
      'gpt-6.2-sol',
      'gpt-6.1-terra',
      'gpt-6.1-sol',
      'gpt-6-sol',
      'gpt-6-luna',
      'gpt-6-astra',
      'gpt-5.6-sol',
      'gpt-5.6-terra',
      'gpt-5.6-luna',
      'codex-auto-review',
    ])
    for (const model of ids) {
      const answer = await client.chat.completions.create({ model, messages: [USER] })
      expect(answer.choices[0]?.message.content).toBe('Hello, world.')
    }
    for (const retired of ['gpt-5.4', 'gpt-5.5']) {
      await expect(client.models.retrieve(retired)).rejects.toMatchObject({ status: 404 })
    }
  })

  test('with a key beside a login, one that is retired for logins is asked of the key alone', async () => {
    const api = await startOpenAIResponses()
    onTestFinished(() => api.close())
    const { client, fake } = await withLogin({ api_key: 'sk-test', base_url: api.url })
    await client.chat.completions.create({ model: 'gpt-5.4', messages: [USER] })
    expect([api.requests.length, fake.requests.length]).toEqual([1, 0])
    expect((await client.models.list()).data.map(({ id }) => id)).toContain('gpt-5.4')
  })

  test('one that a login turns out not to have is asked of the next account, and not of the login for a while', async () => {
    const api = await startOpenAIResponses()
    onTestFinished(() => api.close())
    const { client, fake } = await withLogin({
      api_key: 'sk-test',
      base_url: api.url,
      logins: { 'me@x.test': { priority: 1 } },
    })
    for (let time = 0; time < 2; time++) {
      await client.chat.completions.create({ model: 'codex/gpt-9', messages: [USER] })
    }
    expect([fake.requests.length, api.requests.length]).toEqual([1, 2])
    expect(byok?.routing.resting).toMatchObject([{ account: 'me@x.test', model: 'gpt-9', cause: 'refused' }])
    await client.chat.completions.create({ model: 'gpt-6-sol', messages: [USER] })
    expect(fake.requests).toHaveLength(2)
  })
})

describe('the format', () => {
  const key: Credential = { kind: 'api_key', account: 'a', key: new Secret('sk-test') }
  const login: Credential = { kind: 'oauth', account: 'a', accessToken: new Secret('at'), metadata: {} }

  test.each([
    ['gpt-4o', key, 'openai-chat', 'openai-chat'],
    ['gpt-5.3-codex', key, 'openai-chat', 'openai-responses'],
    ['gpt-4o', key, 'openai-responses', 'openai-responses'],
    ['gpt-4o', key, 'anthropic-messages', 'openai-chat'],
    ['gpt-6-sol', login, 'openai-chat', 'chatgpt-responses'],
    ['gpt-6-sol', login, 'openai-responses', 'chatgpt-responses'],
  ])('of %s', (model, credential, protocol, format) => {
    const config = {} as ProviderConfig
    expect(pickTranslator({ model, credential, config, protocol }).format).toBe(format)
  })

  test('a Responses request of Codex is made what ChatGPT takes, and keeps the rest', () => {
    const chat = openaiResponsesProtocol.decode({
      model: 'gpt-6-sol',
      instructions: 'You are Codex.',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
      tools: [{ type: 'web_search_preview' }, { type: 'function', name: 'shell', parameters: { type: 'object' } }],
      store: true,
      stream: true,
      truncation: 'auto',
      service_tier: 'priority',
      client_metadata: { a: 'b' },
    })
    const translator = pickTranslator({ model: 'gpt-6-sol', credential: login, config: {} as ProviderConfig })
    expect(translator.request(chat)).toEqual({
      model: 'gpt-6-sol',
      instructions: 'You are Codex.',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
      tools: [{ type: 'web_search' }, { type: 'function', name: 'shell', parameters: { type: 'object' } }],
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      service_tier: 'priority',
      client_metadata: { a: 'b' },
      prompt_cache_key: expect.any(String),
    })
    const stored = openaiResponsesProtocol.decode({ model: 'gpt-6-sol', previous_response_id: 'resp_1' })
    expect(() => translator.request(stored)).toThrow(expect.objectContaining({ param: 'previous_response_id' }))
  })
})

describe('when a used-up plan begins anew', () => {
  test.each<[string, object, number | undefined]>([
    ['at a time to come', { resets_at: 1300, resets_in_seconds: 1 }, 300],
    ['at a time gone by, so in seconds', { resets_at: 900, resets_in_seconds: 77 }, 77],
    ['in seconds', { resets_in_seconds: 123 }, 123],
    ['unknown', {}, undefined],
  ])('%s', (_, fields, expected) => {
    const info = readChatGptError({ error: { type: 'usage_limit_reached', message: 'm', ...fields } }, 1_000_000)
    expect(info?.retryAfter).toBe(expected)
    expect(readChatGptError({ error: { type: 'server_error', resets_in_seconds: 30 } })).toBeUndefined()
  })
})

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  const reader = stream[Symbol.asyncIterator]()
  while (!(await reader.next()).done);
}
