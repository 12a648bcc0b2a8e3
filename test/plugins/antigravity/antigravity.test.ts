import { afterEach, describe, expect, it } from 'vitest'
import { ChatError } from '../../../src/core/chat/index.ts'
import { askHosts, hostsOf } from '../../../src/plugins/antigravity/hosts.ts'
import antigravity from '../../../src/plugins/antigravity/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { startAntigravity } from '../../upstreams/antigravity.ts'
import type { AntigravityFakeOptions } from '../../upstreams/antigravity.ts'
import { runProvider } from '../run.ts'
import type { Json, Run } from '../run.ts'

let fake: FakeProvider | undefined
let run: Run | undefined

async function start(options: AntigravityFakeOptions = {}) {
  fake = await startAntigravity(options)
  const login = { token: 'test-token', metadata: { project_id: 'test-project' } }
  run = await runProvider(antigravity, { settings: { oauth_base_url: fake.url }, login })
  return { fake, run }
}

afterEach(async () => {
  await run?.close()
  await fake?.close()
  run = fake = undefined
})

const sent = () => fake?.requests.at(-1)?.json as Json

const tool = (parameters: object) => ({ type: 'function', function: { name: 'find', parameters } })
const find = tool({ type: 'object', properties: { n: { type: 'integer', exclusiveMinimum: 0 } }, required: ['n'] })

describe('Antigravity', () => {
  it('gets the agent envelope, and says who asks', async () => {
    const { fake, run } = await start()
    expect((await run.chat({ model: 'ag-gemini-3.1-pro', tools: [find] })).status).toBe(200)
    expect(sent()).toMatchObject({
      model: 'gemini-pro-agent',
      project: 'test-project',
      userAgent: 'antigravity',
      requestType: 'agent',
      requestId: expect.stringMatching(/^agent-[0-9a-f-]{36}$/) as string,
      request: { sessionId: expect.stringMatching(/^-\d+$/) as string },
    })
    expect(sent()['request'].tools[0].functionDeclarations[0].parameters).toEqual({
      type: 'object',
      properties: { n: { type: 'integer', description: '(minimum: 1)' } },
      required: ['n'],
    })
    expect(fake.requests[0]?.headers['user-agent']).toMatch(/^antigravity\/hub\/2\.9\.1 byok\/\d/)
  })

  it("lists the models of the account's plan that chat", async () => {
    const claude = { maxTokens: 250_000, maxOutputTokens: 64_000, supportsImages: true, supportsThinking: true }
    const others = { tab_flash_lite_preview: {}, chat_20706: {}, 'gemini-hidden': { isInternal: true } }
    const { run } = await start({ models: { 'claude-opus-5-thinking': claude, 'gemini-9-flash': {}, ...others } })
    const [provider] = run.byok.registry.providers
    if (provider) await run.byok.modelLists.refresh(provider)
    const { data } = (await run.get('/v1/models')) as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toEqual(['claude-opus-5-thinking', 'gemini-9-flash'])
    expect(data[0]).toMatchObject({ context_window: 250_000, max_output_tokens: 64_000 })
    expect((await run.chat({ model: 'claude-opus-5-thinking' })).status).toBe(200)
  })

  it('asks Claude for no more than is taken, whatever the list tells', async () => {
    const claude = { maxTokens: 1_000_000, maxOutputTokens: 128_000 }
    const { run } = await start({ models: { 'claude-opus-5-5-high': claude } })
    const [provider] = run.byok.registry.providers
    if (provider) await run.byok.modelLists.refresh(provider)
    expect(provider?.models.get('claude-opus-5-5-high')).toMatchObject({
      contextWindow: 1_000_000,
      maxOutputTokens: 64_000,
    })
    expect((await run.chat({ model: 'claude-opus-5-5-high', max_tokens: 100_000 })).status).toBe(200)
    expect(sent()['request'].generationConfig).toEqual({ maxOutputTokens: 64_000 })
  })

  it('keeps one session for one conversation', async () => {
    const { run } = await start()
    const session = async (messages: Json[]) => {
      expect((await run.chat({ model: 'gemini-3-flash', messages })).status).toBe(200)
      return sent()['request'].sessionId as string
    }
    const [hi, yes, bye] = ['Hi', 'Yes', 'Bye'].map((content, at) => ({
      role: at === 1 ? 'assistant' : 'user',
      content,
    }))
    if (!hi || !yes || !bye) throw new Error('three messages')
    expect(await session([hi])).toBe(await session([hi, yes, bye]))
    expect(await session([hi])).not.toBe(await session([bye]))
  })

  it("keeps Claude's signed thoughts over turns, streamed", async () => {
    const { fake, run } = await start()
    const signature = Buffer.from('claude signed').toString('base64')
    fake.say({
      steps: [
        { reasoning: ['I ', 'see.'], signature },
        { toolCall: { id: 'toolu_1', name: 'find', arguments: ['{"n"', ':1}'] } },
      ],
    })
    const ask = { model: 'ag-claude-sonnet-4-6', tools: [find], reasoning_effort: 'low' }
    const { json } = await run.chat(ask)
    const { message } = json['choices'][0]
    expect(message.reasoning_details).toMatchObject([{ text: 'I see.', signature, format: 'anthropic-claude-v1' }])
    expect(sent()['request'].generationConfig).toEqual({
      maxOutputTokens: 64_000,
      thinkingConfig: { thinkingBudget: 1024, includeThoughts: true },
    })
    expect(sent()['request'].toolConfig).toEqual({ functionCallingConfig: { mode: 'VALIDATED' } })
    const messages = [
      { role: 'user', content: 'Find' },
      message,
      { role: 'tool', tool_call_id: 'toolu_1', content: 'found' },
    ]
    expect(await run.stream({ ...ask, messages })).toContain('[DONE]')
    expect(sent()['request'].contents[1].parts).toEqual([
      { text: 'I see.', thought: true, thoughtSignature: signature },
      { functionCall: { id: 'toolu_1', name: 'find', args: { n: 1 } } },
    ])
  })

  it('holds Claude to no schema that has nothing to hold to', async () => {
    const { run } = await start()
    const tools = [tool({ type: 'object', properties: {} })]
    expect((await run.chat({ model: 'claude-sonnet-4-6', tools })).status).toBe(200)
    expect(sent()['request'].toolConfig).toBeUndefined()
    expect(sent()['request'].tools).toEqual([{ functionDeclarations: [{ name: 'find' }] }])
  })

  it('sends Claude no text that says nothing', async () => {
    const { run } = await start()
    const blank = [
      { type: 'text', text: '' },
      { type: 'text', text: ' \n' },
    ]
    const messages = [
      { role: 'system', content: blank },
      { role: 'assistant', content: [...blank, { type: 'text', text: 'Welcome.' }] },
      { role: 'user', content: [...blank, { type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: '' },
      { role: 'user', content: [{ type: 'text', text: 'Well?' }] },
    ]
    expect((await run.chat({ model: 'claude-sonnet-4-6', messages })).status).toBe(200)
    expect(sent()['request']).toMatchObject({
      contents: [
        { role: 'user', parts: [{ text: '(The conversation begins with the assistant.)' }] },
        { role: 'model', parts: [{ text: 'Welcome.' }] },
        { role: 'user', parts: [{ text: 'Hi' }, { text: 'Well?' }] },
      ],
    })
    expect(sent()['request'].systemInstruction).toBeUndefined()
  })

  it('thinks no more than the output may be long', async () => {
    const { run } = await start()
    const ask = { model: 'claude-sonnet-4-6', reasoning_effort: 'high' }
    expect((await run.chat({ ...ask, max_tokens: 4000 })).status).toBe(200)
    expect(sent()['request'].generationConfig.thinkingConfig.thinkingBudget).toBe(3999)
    expect((await run.chat({ ...ask, max_tokens: 100 })).status).toBe(200)
    expect(sent()['request'].generationConfig).toEqual({ maxOutputTokens: 100 })
  })

  it.each(['low', 'high', 'none'])('has Claude 5.5 think as hard as its name says, asked for %s', async (effort) => {
    const { run } = await start()
    const ask = { model: 'claude-opus-5-5-medium', reasoning_effort: effort, temperature: 0, top_p: 0.5 }
    expect((await run.chat(ask)).status).toBe(200)
    const shown = effort === 'none' ? {} : { includeThoughts: true }
    expect(sent()['request'].generationConfig).toEqual({ thinkingConfig: { thinkingLevel: 'MEDIUM', ...shown } })
    expect((await run.chat({ model: 'claude-sonnet-5-5-low', temperature: 0 })).status).toBe(200)
    expect(sent()['request'].generationConfig).toBeUndefined()
  })

  it('lets Claude 5.5 go on after calls that another model made', async () => {
    const { run } = await start()
    const call = { id: 'c1', type: 'function', function: { name: 'find', arguments: '{"n":1}' } }
    const messages = [
      { role: 'user', content: 'Find' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'found' },
    ]
    const ask = { model: 'claude-sonnet-5-5-high', messages, tools: [find] }
    expect((await run.chat({ ...ask, reasoning_effort: 'high' })).status).toBe(200)
    expect(sent()['request'].generationConfig.thinkingConfig.thinkingLevel).toBe('HIGH')
  })

  it("gives Claude the ids of other vendors' calls in letters that it allows", async () => {
    const { run } = await start()
    const call = { id: 'functions.find:0', type: 'function', function: { name: 'find', arguments: '{"n":1}' } }
    const messages = [
      { role: 'user', content: 'Find' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'functions.find:0', content: 'found' },
    ]
    expect((await run.chat({ model: 'claude-sonnet-4-6', messages, tools: [find] })).status).toBe(200)
    const [, asked, told] = sent()['request'].contents as Json[]
    expect(asked?.['parts'][0].functionCall.id).toMatch(/^toolu_[\w-]+$/)
    expect(told?.['parts'][0].functionResponse.id).toBe(asked?.['parts'][0].functionCall.id)
  })

  it('says that Claude 5.5 takes no forced call', async () => {
    const { fake, run } = await start()
    const ask = { model: 'claude-opus-5-5-high', tools: [find] }
    const { status, json } = await run.chat({ ...ask, tool_choice: 'required' })
    expect(status).toBe(400)
    expect(json['error']).toMatchObject({ code: 'unsupported_feature', param: 'tool_choice' })
    expect(fake.requests).toHaveLength(0)
    expect((await run.chat({ model: 'claude-sonnet-4-6', tools: [find], tool_choice: 'required' })).status).toBe(200)
  })

  it.each([
    ['claude-sonnet-4-6', 64_000],
    ['gemini-3-flash', 65_536],
    ['gemini-2.5-pro', 65_535],
  ])('is asked for no more than %s writes', async (model, most) => {
    const { run } = await start()
    expect((await run.chat({ model, max_completion_tokens: 128_000 })).status).toBe(200)
    expect(sent()['request'].generationConfig).toEqual({ maxOutputTokens: most })
  })

  it('is refused in its own words', async () => {
    const { fake, run } = await start()
    fake.fail({ kind: 'quota', retryAfter: 3600 })
    const { status, json, headers } = await run.chat({ model: 'gemini-3-flash' })
    expect(status).toBe(429)
    expect(json['error']).toMatchObject({ type: 'insufficient_quota', code: 'insufficient_quota' })
    expect(headers.get('retry-after')).toBe('3600')
  })
})

describe('hosts', () => {
  const config = { enabled: true, models: [], headers: {} }

  it('are the daily one, then the stable one, unless config names one', () => {
    expect(hostsOf(config)).toEqual([
      'https://daily-cloudcode-pa.googleapis.com',
      'https://cloudcode-pa.googleapis.com',
    ])
    expect(hostsOf({ ...config, oauth_base_url: 'https://c.example' })).toEqual(['https://c.example'])
  })

  const broken = () => new ReadableStream({ start: (controller) => controller.error(new Error('reset')) })
  const capacity = JSON.stringify({ error: { code: 429, details: [{ reason: 'MODEL_CAPACITY_EXHAUSTED' }] } })
  const quota = JSON.stringify({ error: { code: 429, details: [{ reason: 'QUOTA_EXHAUSTED' }] } })
  it.each<[string, Response | ChatError, string[]]>([
    ['an answer', Response.json({}), ['a']],
    ['no connection', new ChatError('gone', { status: 502 }), ['a', 'b']],
    ['a failure of the host', new Response('', { status: 503 }), ['a', 'b']],
    ['a failure that breaks off', new Response(broken(), { status: 503 }), ['a', 'b']],
    ['no capacity', new Response(capacity, { status: 429 }), ['a', 'b']],
    ['a spent quota', new Response(quota, { status: 429 }), ['a']],
    ['a bad request', new Response('{}', { status: 400 }), ['a']],
  ])('after %s', async (_name, first, asked) => {
    const urls: string[] = []
    const response = await askHosts(
      ['a', 'b'],
      '/x',
      {},
      {
        signal: new AbortController().signal,
        fetch: async (url) => {
          urls.push(String(url).replace('/x', ''))
          if (urls.length > 1) return Response.json({ from: 'b' })
          if (first instanceof Error) throw first
          return first
        },
      },
    )
    expect(urls).toEqual(asked)
    if (asked.length === 2) expect(await response.json()).toEqual({ from: 'b' })
    else if (first instanceof Response) expect(response.status).toBe(first.status)
  })

  it('give a refusal on as it came', async () => {
    const fetch = async () => new Response(quota, { status: 429, headers: { 'x-a': 'b' } })
    const response = await askHosts(['a', 'b'], '/x', {}, { signal: new AbortController().signal, fetch })
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([429, 'b', quota])
  })
})
