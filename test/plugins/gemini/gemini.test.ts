import { afterEach, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import gemini from '../../../src/plugins/gemini/index.ts'
import { listModels } from '../../../src/plugins/gemini/list-models.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../../src/testing/script.ts'
import { startCodeAssist } from '../../upstreams/code-assist.ts'
import { startGemini } from '../../upstreams/gemini.ts'
import { runProvider } from '../run.ts'
import type { Json, Run } from '../run.ts'

let fake: FakeProvider | undefined
let run: Run | undefined

const MODELS = [
  'gemini-4-hydrogen',
  'gemini-4-argon',
  'gemini-3.8-flash',
  'gemini-3-flash-preview',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
  'gemini-2.0-flash',
]

async function api(key = 'test-key', models = MODELS) {
  fake = await startGemini({ models })
  run = await runProvider(gemini, { settings: { api_key: key, base_url: fake.url } })
  return { fake, run }
}

async function codeAssist(token = 'test-token', metadata: Record<string, string> = { project_id: 'test-project' }) {
  fake = await startCodeAssist()
  run = await runProvider(gemini, { settings: { oauth_base_url: fake.url }, login: { token, metadata } })
  return { fake, run }
}

afterEach(async () => {
  await run?.close()
  await fake?.close()
  run = fake = undefined
})

const sent = (index = -1) => fake?.requests.at(index)?.json as Json
const chunks = (text: string): Json[] =>
  text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Json)

const weather = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { $ref: '#/$defs/city' }, unit: { const: 'C' } },
      required: ['city'],
      additionalProperties: false,
      $defs: { city: { type: 'string', minLength: 1 } },
    },
  },
}
const PNG = 'iVBORw0KGgo='

// ai.google.dev/gemini-api/docs/generate-content/long-decode: half as much of an answer comes unstreamed.
describe('an answer of Gemini 4', () => {
  it('is asked for as a stream, and given in one piece', async () => {
    const { fake, run } = await api()
    fake.say({ steps: [{ text: ['Hel', 'lo'] }] })
    const { json } = await run.chat({ model: 'gemini-4-argon', max_tokens: 128_000 })
    expect(json['choices'][0].message.content).toBe('Hello')
    expect(fake.requests.at(-1)?.path).toBe('/v1beta/models/gemini-4-argon:streamGenerateContent')
    expect(sent()['generationConfig']).toEqual({ maxOutputTokens: 65_536 })
  })

  it('may be longer than a request, where a client of Gemini asks for the rest itself', async () => {
    const { fake, run } = await api()
    run.byok.hooks.hook('chat', () => {})
    const ask = async () =>
      await run.byok.fetch(
        new Request('http://localhost/v1beta/models/gemini-4-argon:generateContent', {
          method: 'POST',
          body: JSON.stringify({ contents: 'Count', generationConfig: { maxOutputTokens: 262_144 } }),
        }),
      )
    fake.say({ steps: [{ text: 'One' }] })
    expect((await ask()).status).toBe(200)
    expect(sent()['generationConfig']).toEqual({ maxOutputTokens: 262_144 })
  })
})

describe('the levels of a model', () => {
  it.each([
    ['gemini-3.1-flash-lite', 'none', { thinkingLevel: 'MINIMAL' }],
    ['gemini-3.5-flash-lite', 'minimal', { thinkingLevel: 'MINIMAL', includeThoughts: true }],
    ['gemini-3.6-flash', 'none', { thinkingLevel: 'MINIMAL' }],
    ['gemini-3.10-flash', 'none', { thinkingLevel: 'LOW' }],
    ['gemini-flash-latest', 'none', { thinkingLevel: 'LOW' }],
    ['gemini-flash-lite-latest', 'minimal', { thinkingLevel: 'LOW', includeThoughts: true }],
    ['gemini-nano-banana-2.1', 'none', { thinkingLevel: 'MINIMAL' }],
    ['gemini-nano-banana-2.1', 'low', { thinkingLevel: 'MEDIUM', includeThoughts: true }],
    ['gemma-4-31b-it', 'low', { thinkingLevel: 'MINIMAL', includeThoughts: true }],
    ['gemma-4-31b-it', 'medium', { thinkingLevel: 'HIGH', includeThoughts: true }],
  ])('tells %s to think: %s', async (model, effort, thinkingConfig) => {
    const { run } = await api('test-key', [model])
    expect((await run.chat({ model: `gemini/${model}`, reasoning_effort: effort })).status).toBe(200)
    expect(sent()['generationConfig'].thinkingConfig).toEqual(thinkingConfig)
  })
})

describe('what Gemini sees', () => {
  it('sees videos as clients of other vendors send them', async () => {
    const { run } = await api()
    const videos = ['data:video/mp4;base64,AAAA', 'https://www.youtube.com/watch?v=x'].map((url) => ({
      type: 'video_url',
      video_url: { url },
    }))
    const { status } = await run.chat({ model: 'gemini-2.5-pro', messages: [{ role: 'user', content: videos }] })
    expect(status).toBe(200)
    expect(sent()['contents'][0].parts).toEqual([
      { inlineData: { mimeType: 'video/mp4', data: 'AAAA' } },
      { fileData: { fileUri: 'https://www.youtube.com/watch?v=x', mimeType: 'video/mp4' } },
    ])
  })
})

describe.each([
  ['the Gemini API', api, (path: string) => path],
  ['Code Assist', codeAssist, undefined],
])('%s', (_, start, plain) => {
  const body = (index?: number) => (plain ? sent(index) : sent(index)['request']) as Json

  it('answers whole', async () => {
    const { fake, run } = await start()
    fake.say({ steps: [{ text: 'Hello' }], usage: { input: 12, output: 7, cachedInput: 4, reasoning: 3 } })
    const { status, json } = await run.chat({ model: 'gemini-2.5-pro', max_tokens: 9, stop: ['x'], seed: 3 })
    expect(status).toBe(200)
    expect(json['choices'][0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Hello' } })
    expect(json['usage']).toMatchObject({
      prompt_tokens: 12,
      completion_tokens: 7,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 3 },
    })
    expect(body()['generationConfig']).toEqual({ maxOutputTokens: 9, stopSequences: ['x'], seed: 3 })
    expect(fake.requests[0]?.path).toMatch(plain ? /^\/v1beta\/models\/gemini-2.5-pro:gen/ : /^\/v1internal:gen/)
  })

  it('asks in words for what the model does not do together, and a newer one as ever', async () => {
    const { run } = await start()
    const tools = [{ type: 'function', function: { name: 'f' } }]
    const ask = { tools, response_format: { type: 'json_object' } }
    expect((await run.chat({ model: 'gemini-2.5-flash', ...ask })).status).toBe(200)
    expect(body()['generationConfig']).toBeUndefined()
    expect(JSON.stringify(body()['systemInstruction'])).toContain('one JSON object')
    expect((await run.chat({ model: 'gemini-3-flash-preview', ...ask })).status).toBe(200)
    expect(body()['generationConfig']).toEqual({ responseMimeType: 'application/json' })
  })

  it('takes more stop sequences than Gemini does', async () => {
    const { fake, run } = await start()
    fake.say({ steps: [{ text: ['One s', 'ix two'] }] })
    const stop = ['a1', 'b2', 'c3', 'd4', 'e5', 'six']
    const { status, json } = await run.chat({ model: 'gemini-2.5-pro', stop })
    expect(status).toBe(200)
    expect(json['choices'][0]).toMatchObject({ finish_reason: 'stop', message: { content: 'One ' } })
    expect(body()['generationConfig']).toEqual({ stopSequences: stop.slice(0, 5) })
  })

  it('asks for no more than the model writes', async () => {
    const { run } = await start()
    expect((await run.chat({ model: 'gemini-2.5-pro', max_tokens: 128_000 })).status).toBe(200)
    expect(body()['generationConfig']).toEqual({ maxOutputTokens: 65_536 })
  })

  it('streams, cut byte by byte', async () => {
    const { fake, run } = await start()
    fake.chunking = { size: 1 }
    fake.say({ steps: [{ text: ['Grüße ', '🦊', ' an alle'] }], usage: { input: 1, output: 2 } })
    const found = chunks(await run.stream({ model: 'gemini-2.5-pro', stream_options: { include_usage: true } }))
    expect(found.map((chunk) => chunk['choices'][0]?.delta.content ?? '').join('')).toBe('Grüße 🦊 an alle')
    expect(found.at(-2)?.['choices'][0].finish_reason).toBe('stop')
    expect(found.at(-1)?.['usage']).toMatchObject({ prompt_tokens: 1, completion_tokens: 2 })
    expect(fake.requests[0]?.query.get('alt')).toBe('sse')
  })

  it('keeps the signature of a call over turns, whatever the client sends back of it', async () => {
    const { fake, run } = await start()
    const signature = Buffer.from(`signed ${_}`).toString('base64')
    fake.say({
      steps: [
        { reasoning: ['Let me ', 'look.'], signature },
        { toolCall: { id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' } },
        { toolCall: { id: 'c2', name: 'weather', arguments: '{"city":"Rome"}' } },
      ],
    })
    const ask = { model: 'gemini-3-flash-preview', tools: [weather], reasoning_effort: 'high' }
    const first = await run.chat(ask)
    const { message } = first.json['choices'][0]
    expect(first.json['choices'][0].finish_reason).toBe('tool_calls')
    expect(message.reasoning_content).toBe('Let me look.')
    expect(message.tool_calls.map((call: Json) => call['function'].arguments)).toEqual([
      '{"city":"Oslo"}',
      '{"city":"Rome"}',
    ])
    const results = message.tool_calls.map(({ id }: Json) => ({ role: 'tool', tool_call_id: id, content: 'sunny' }))
    const user = { role: 'user', content: 'Weather?' }
    expect((await run.chat({ ...ask, messages: [user, message, ...results] })).status).toBe(200)
    expect(body()['contents'][1].parts).toEqual([
      { text: 'Let me look.', thought: true },
      { functionCall: { id: 'c1', name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: signature },
      { functionCall: { id: 'c2', name: 'weather', args: { city: 'Rome' } } },
    ])
    expect(body()['contents'][2].parts).toHaveLength(2)

    // The calls alone have it too; a client may lose all of that.
    const { reasoning_details: _details, reasoning_content: _content, ...callsAlone } = message
    expect((await run.chat({ ...ask, messages: [user, callsAlone, ...results] })).status).toBe(200)
    expect(body()['contents'][1].parts.map(({ thoughtSignature }: Json) => thoughtSignature)).toEqual([
      signature,
      undefined,
    ])
    const calls = message.tool_calls.map(({ extra_content: _extra, ...call }: Json) => call)
    const bare = { ...callsAlone, tool_calls: calls }
    expect((await run.chat({ ...ask, messages: [user, bare, ...results] })).status).toBe(200)
    expect(body()['contents'][1].parts[0].thoughtSignature).toBe('skip_thought_signature_validator')
  })

  it('keeps the signature of a streamed text', async () => {
    const { fake, run } = await start()
    const signature = Buffer.from(`text ${_}`).toString('base64')
    fake.say({ steps: [{ reasoning: 'Hm.', signature }, { text: ['Yes', '.'] }] })
    const text = await run.stream({ model: 'gemini-3-flash-preview' })
    const details = chunks(text).flatMap((chunk) => (chunk['choices'][0]?.delta.reasoning_details ?? []) as Json[])
    expect(details).toMatchObject([{ type: 'reasoning.text', signature, format: 'google-gemini-v1' }])
    const messages = [
      { role: 'user', content: 'Is it?' },
      { role: 'assistant', content: 'Yes.', reasoning_details: details },
      { role: 'user', content: 'Sure?' },
    ]
    expect((await run.chat({ model: 'gemini-3-flash-preview', messages })).status).toBe(200)
    expect(body()['contents'][1].parts).toEqual([{ text: 'Yes.', thoughtSignature: signature }])
  })

  it('gives the results of tools their place, with images where the model takes them', async () => {
    const { run } = await start()
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }
    const messages = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Look' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'here' }, image] },
    ]
    const inlineData = { mimeType: 'image/png', data: PNG }
    const functionResponse = { id: 'a', name: 'weather', response: { output: 'here' } }
    expect((await run.chat({ model: 'gemini-3-flash-preview', tools: [weather], messages })).status).toBe(200)
    expect(body()['contents'][2].parts).toEqual([
      { functionResponse: { ...functionResponse, parts: [{ inlineData }] } },
    ])
    expect(body()['systemInstruction']).toEqual({ parts: [{ text: 'Be kind.' }] })
    expect((await run.chat({ model: 'gemini-2.5-flash', tools: [weather], messages })).status).toBe(200)
    expect(body()['contents'][2].parts).toEqual([{ functionResponse }, { inlineData }])
  })

  it('takes results that hold a schema', async () => {
    const { run } = await start()
    const schema = JSON.stringify({ type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: {} } })
    const call = { id: 'c1', type: 'function', function: { name: 'describe', arguments: '{}' } }
    const messages = [
      { role: 'user', content: 'Describe' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: schema },
    ]
    const { status } = await run.chat({ model: 'gemini-3.8-flash', messages })
    expect(status).toBe(200)
  })

  it('gives calls an id where Gemini gives none', async () => {
    const { fake, run } = await start()
    fake.say({ steps: [{ toolCall: { id: 'never sent', name: 'weather', arguments: '{}' } }] })
    const { json } = await run.chat({ model: 'gemini-2.5-pro', tools: [weather] })
    const [call] = json['choices'][0].message.tool_calls
    expect(call).toMatchObject({ id: expect.stringMatching(/^call_\w{32}$/) as string, function: { arguments: '{}' } })
  })

  it.each([
    ['required', { mode: 'ANY' }],
    ['none', { mode: 'NONE' }],
    [
      { type: 'function', function: { name: 'weather' } },
      { mode: 'ANY', allowedFunctionNames: ['weather'] },
    ],
  ])('takes tool_choice %j', async (choice, functionCallingConfig) => {
    const { run } = await start()
    expect((await run.chat({ model: 'gemini-2.5-pro', tools: [weather], tool_choice: choice })).status).toBe(200)
    expect(body()['toolConfig']).toEqual({ functionCallingConfig })
  })

  it('holds answers to a schema', async () => {
    const { run } = await start()
    const schema = { type: 'object', properties: { a: { type: ['string', 'null'] } }, additionalProperties: false }
    const format = { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } }
    expect((await run.chat({ model: 'gemini-2.5-pro', response_format: format })).status).toBe(200)
    expect(body()['generationConfig']).toEqual({ responseMimeType: 'application/json', responseJsonSchema: schema })
  })

  it.each([
    ['gemini-2.5-pro', 'none', { thinkingBudget: 128 }],
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }],
    ['gemini-2.5-flash', 'xhigh', { thinkingBudget: 24_576, includeThoughts: true }],
    ['gemini-2.5-flash-lite', 'none', { thinkingBudget: 0 }],
    ['gemini-3-flash-preview', 'none', { thinkingLevel: 'MINIMAL' }],
    ['gemini-3-flash-preview', 'medium', { thinkingLevel: 'MEDIUM', includeThoughts: true }],
    ['gemini-3.8-flash', 'none', { thinkingLevel: 'LOW' }],
    ['gemini-4-argon', 'minimal', { thinkingLevel: 'LOW', includeThoughts: true }],
    ['gemini-4-argon', 'xhigh', { thinkingLevel: 'HIGH', includeThoughts: true }],
    ['gemini-4-hydrogen', 'high', { thinkingLevel: 'HIGH', includeThoughts: true }],
    ['gemini-4-hydrogen', 'xhigh', { thinkingLevel: 'XHIGH', includeThoughts: true }],
    ['gemini-4-hydrogen', 'max', { thinkingLevel: 'XHIGH', includeThoughts: true }],
    ['gemini-2.0-flash', 'high', undefined],
  ])('tells %s to think: %s', async (model, effort, thinkingConfig) => {
    const { run } = await start()
    expect((await run.chat({ model: `gemini/${model}`, reasoning_effort: effort })).status).toBe(200)
    expect(body()?.['generationConfig']?.thinkingConfig).toEqual(thinkingConfig)
  })

  it.each([
    ['gemini-4-argon', 500, { thinkingLevel: 'LOW', includeThoughts: true }],
    ['gemini-4-argon', 5000, { thinkingLevel: 'MEDIUM', includeThoughts: true }],
    ['gemini-4-argon', 100_000, { thinkingLevel: 'HIGH', includeThoughts: true }],
    ['gemini-3.8-flash', 5000, { thinkingBudget: 5000, includeThoughts: true }],
    ['gemini-2.5-flash', 128, { thinkingBudget: 128, includeThoughts: true }],
    ['gemini-2.5-flash-lite', 128, { thinkingBudget: 512, includeThoughts: true }],
  ])('tells %s to think with a budget of %s', async (model, max_tokens, thinkingConfig) => {
    const { run } = await start()
    expect((await run.chat({ model: `gemini/${model}`, reasoning: { max_tokens } })).status).toBe(200)
    expect(body()?.['generationConfig']?.thinkingConfig).toEqual(thinkingConfig)
  })

  it('keeps penalties from models that have none', async () => {
    const { run } = await start()
    const asked = { presence_penalty: 0.5, frequency_penalty: 0.5 }
    expect((await run.chat({ model: 'gemini-2.5-pro', ...asked })).status).toBe(200)
    expect((await run.chat({ model: 'gemini/gemini-2.0-flash', ...asked })).status).toBe(200)
    expect(body()?.['generationConfig']).toEqual({ presencePenalty: 0.5, frequencyPenalty: 0.5 })
  })

  it.each([
    ['content_filter', 'content_filter'],
    ['length', 'length'],
  ] as const)('ends with %s', async (finish, reason) => {
    const { fake, run } = await start()
    fake.say({ steps: [{ text: 'So' }], finish })
    expect((await run.chat({ model: 'gemini-2.5-pro' })).json['choices'][0].finish_reason).toBe(reason)
  })

  it('tells of a call that is no JSON', async () => {
    const { fake, run } = await start()
    fake.say({ steps: [{ toolCall: { id: 'a', name: 'weather', arguments: 'print(' } }] })
    const { json } = await run.chat({ model: 'gemini-2.5-pro', tools: [weather] })
    expect(json['choices'][0]).toMatchObject({
      finish_reason: 'error',
      native_finish_reason: 'MALFORMED_FUNCTION_CALL',
      message: { finishMessage: 'Malformed function call: print(' },
    })
  })

  it('tells of an error within a stream, and of a cut', async () => {
    const { fake, run } = await start()
    fake.say({ steps: [{ text: 'a' }, { error: { kind: 'overloaded' } }] })
    expect(await run.stream({ model: 'gemini-2.5-pro' })).toMatch(/overloaded|capacity/i)
    fake.say({ steps: [{ text: 'a' }, { cut: true }] })
    expect(await run.stream({ model: 'gemini-2.5-pro' })).toContain('upstream_stream_cut')
    fake.say({ steps: [{ text: 'a' }, { end: true }] })
    const ended = await run.stream({ model: 'gemini-2.5-pro' })
    expect(ended).toContain('upstream_stream_cut')
    expect(ended).not.toContain('[DONE]')
  })

  it.each<[ScriptFailure['kind'], number, string, string | null]>([
    ['invalid_request', 400, 'invalid_request_error', 'invalid_argument'],
    ['invalid_key', 401, 'authentication_error', null],
    ['forbidden', 403, 'permission_error', 'permission_denied'],
    ['not_found', 404, 'not_found_error', 'model_not_found'],
    ['too_large', 413, 'invalid_request_error', 'request_too_large'],
    ['context_length', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['rate_limit', 429, 'rate_limit_error', 'rate_limit_exceeded'],
    ['quota', 429, 'insufficient_quota', 'insufficient_quota'],
    ['server_error', 500, 'server_error', 'internal'],
    ['overloaded', 503, 'overloaded_error', null],
  ])('maps %s', async (kind, status, type, code) => {
    const { fake, run } = await start()
    fake.fail({ kind, retryAfter: 7 })
    const answer = await run.chat({ model: 'gemini-2.5-pro' })
    expect(answer).toMatchObject({ status, json: { error: { type } } })
    if (code !== null) expect(answer.json['error'].code).toBe(code)
    // The API's quota is one per day: the seconds beside it are those of another.
    if (status === 429 && !(plain && kind === 'quota')) expect(answer.headers.get('retry-after')).toBe('7')
  })
})

describe('the Gemini API', () => {
  it('refuses a wrong key as such', async () => {
    const { run } = await api('wrong')
    const { status, json } = await run.chat({ model: 'gemini-2.5-pro' })
    expect(status).toBe(401)
    expect(json['error']).toMatchObject({ code: 'invalid_api_key', type: 'authentication_error' })
  })

  it('fetches https files, and nothing else', async () => {
    const { run } = await api()
    const image = (url: string) => [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }]
    const model = 'gemini-2.5-pro'
    expect((await run.chat({ model, messages: image('https://a.example/b.jpg?c=d') })).status).toBe(200)
    expect(sent()['contents'][0].parts).toEqual([
      { fileData: { fileUri: 'https://a.example/b.jpg?c=d', mimeType: 'image/jpeg' } },
    ])
    const refused = await run.chat({ model, messages: image('http://a.example/b.jpg') })
    expect(refused).toMatchObject({ status: 400, json: { error: { code: 'unsupported_feature' } } })
  })

  it('lists its models', async () => {
    const { fake } = await api()
    const models = await listModels({
      provider: 'gemini',
      credential: { kind: 'api_key', account: 'a', key: new Secret('test-key') },
      config: { enabled: true, base_url: fake.url, models: [], headers: {} },
      signal: AbortSignal.timeout(10_000),
      fetch: async (url, init = {}) => await fetch(url, { ...init, body: undefined }),
    })
    expect(models.map(({ id }) => id)).toContain('gemini-2.5-pro')
    expect(models.map(({ id }) => id)).not.toContain('gemini-embedding-001')
    expect(models[0]).toMatchObject({ contextWindow: 1_048_576, maxOutputTokens: 65_536 })
  })
})

describe('Code Assist', () => {
  it('gets the request wrapped, for the project of the login', async () => {
    const { run } = await codeAssist()
    expect((await run.chat({ model: 'gemini-2.5-pro' })).status).toBe(200)
    expect(sent()).toEqual({
      model: 'gemini-2.5-pro',
      project: 'test-project',
      user_prompt_id: expect.any(String) as string,
      request: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    })
  })

  it('is asked for Gemini 3.5 Flash by the name that it has there', async () => {
    const { run } = await codeAssist()
    const { status, json } = await run.chat({ model: 'gemini-3.5-flash', reasoning_effort: 'minimal' })
    expect(status, JSON.stringify(json)).toBe(200)
    expect(sent()['model']).toBe('gemini-3-flash')
    expect(sent()['request'].generationConfig.thinkingConfig.thinkingLevel).toBe('MINIMAL')
  })

  it('is not asked to fetch files', async () => {
    const { run } = await codeAssist()
    const content = [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }]
    const { status, json } = await run.chat({ model: 'gemini-2.5-pro', messages: [{ role: 'user', content }] })
    expect(status).toBe(400)
    expect(json['error'].message).toContain('images by URL')
  })

  it('refuses another project, and a token that is none', async () => {
    const stranger = await codeAssist('test-token', { project_id: 'other' })
    expect((await stranger.run.chat({ model: 'gemini-2.5-pro' })).status).toBe(403)
    await stranger.run.close()
    await stranger.fake.close()
    const { run } = await codeAssist('stale')
    expect((await run.chat({ model: 'gemini-2.5-pro' })).status).toBe(401)
  })
})
