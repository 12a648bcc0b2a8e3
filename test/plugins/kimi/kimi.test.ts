import { afterEach, describe, expect, it } from 'vitest'
import kimi from '../../../src/plugins/kimi/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../../src/testing/script.ts'
import { startKimi } from '../../upstreams/kimi.ts'
import { runProvider } from '../run.ts'
import type { Json, Run } from '../run.ts'

let fake: FakeProvider
let run: Run

async function start() {
  fake = await startKimi()
  run = await runProvider(kimi, { settings: { api_key: 'sk-kimi-test', base_url: fake.url } })
}

afterEach(async () => {
  await run.close()
  await fake.close()
})

const lookUp = { type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }
const other = { type: 'function', function: { name: 'other', parameters: { type: 'object', properties: {} } } }
const sent = () => fake.requests.at(-1)?.json as Json

describe('Kimi', () => {
  it('asks the coding endpoint with a key, whole and streamed', async () => {
    await start()
    fake.say({ steps: [{ reasoning: 'Hm.' }, { text: ['Hel', 'lo'] }], usage: { input: 7, output: 5, cachedInput: 3 } })
    const { status, json } = await run.chat({ model: 'kimi-k2.7-code', max_tokens: 9 })
    expect(status).toBe(200)
    expect(json['choices'][0].message).toMatchObject({ content: 'Hello', reasoning_content: 'Hm.' })
    expect(json['usage']).toMatchObject({ prompt_tokens: 7, prompt_tokens_details: { cached_tokens: 3 } })
    expect(fake.requests[0]?.path).toBe('/coding/v1/chat/completions')
    expect(sent()).toMatchObject({ model: 'kimi-for-coding', max_tokens: 9 })

    fake.say({ steps: [{ text: ['Hel', 'lo'] }], usage: { input: 7, output: 5 } })
    const text = await run.stream({ model: 'kimi-k3', stream_options: { include_usage: true } })
    expect(text).toContain('"content":"lo"')
    expect(text).toContain('"prompt_tokens":7')
    expect(sent()['model']).toBe('k3')
  })

  it.each([
    ['k3', 'high'],
    ['k2.6', 'none'],
  ])('goes on with %s after answers and results without a word, at effort %s', async (model, effort) => {
    await start()
    const call = { id: 'c1', type: 'function', function: { name: 'look_up', arguments: '{}' } }
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
    const empty = { type: 'text', text: ' ' }
    const messages = [
      { role: 'system', content: '' },
      { role: 'user', content: [empty, { type: 'text', text: 'Hi' }, image] },
      { role: 'assistant', content: '' },
      { role: 'assistant' },
      { role: 'assistant', content: ' ', reasoning_content: 'Hm.' },
      { role: 'assistant', content: null, refusal: 'No.' },
      { role: 'user', content: [empty] },
      { role: 'assistant', content: [empty], reasoning_content: 'So.', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: '' },
    ]
    const { status } = await run.chat({ model, reasoning_effort: effort, messages, tools: [lookUp] })
    expect(status).toBe(200)
    expect(sent()['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hi' }, image] },
      { role: 'assistant', content: 'No.' },
      { role: 'user', content: '(empty)' },
      { role: 'assistant', reasoning_content: 'So.', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: '(empty)' },
    ])
  })

  it('says which device a login is bound to', async () => {
    fake = await startKimi({ key: 'jwt', login: true })
    run = await runProvider(kimi, {
      settings: { oauth_base_url: fake.url },
      login: { token: 'jwt', metadata: { device_id: 'device-1' } },
    })
    expect((await run.chat({ model: 'k2.6' })).status).toBe(200)
    expect(fake.requests[0]?.headers).toMatchObject({ 'x-msh-platform': 'byok', 'x-msh-device-id': 'device-1' })
  })

  it.each([
    ['k2.6', {}, { type: 'enabled', keep: 'all' }],
    ['kimi-for-coding', { reasoning_effort: 'max' }, { type: 'enabled', effort: 'max', keep: 'all' }],
    ['k2.6', { reasoning_effort: 'none' }, { type: 'disabled' }],
    ['k3', {}, undefined],
  ])('has %s keep what it thought before, where it would not: %j', async (model, wish, thinking) => {
    await start()
    const thought = { role: 'assistant', content: 'Hello', reasoning_content: 'A greeting.' }
    const messages = [{ role: 'user', content: 'Hi' }, thought, { role: 'user', content: 'Again' }]
    expect((await run.chat({ model, messages, ...wish })).status).toBe(200)
    expect(sent()['thinking']).toEqual(thinking)
    expect((await run.chat({ model, ...wish })).status).toBe(200)
    expect(sent()['thinking'] ?? {}).not.toHaveProperty('keep')
  })

  it('gives back the reasoning that led to a tool call, or says that it is gone', async () => {
    await start()
    const call = { id: 'c1', type: 'function', function: { name: 'look_up', arguments: '{}' } }
    const turns = (reasoning: object) => [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, tool_calls: [call], ...reasoning },
      { role: 'tool', tool_call_id: 'c1', content: 'found' },
    ]
    const model = 'kimi-for-coding'
    expect((await run.chat({ model, messages: turns({ reasoning_content: 'So.' }), tools: [lookUp] })).status).toBe(200)
    expect(sent()['messages'][1].reasoning_content).toBe('So.')
    expect((await run.chat({ model, messages: turns({}), tools: [lookUp] })).status).toBe(200)
    expect(sent()['messages'][1].reasoning_content).toBe('[reasoning unavailable]')
    expect(
      (await run.chat({ model: 'k2.6', reasoning_effort: 'none', messages: turns({}), tools: [lookUp] })).status,
    ).toBe(200)
    expect(sent()['messages'][1]).not.toHaveProperty('reasoning_content')
  })

  it.each([
    ['k2.6', 'none', { type: 'disabled' }],
    ['kimi-for-coding', 'none', { type: 'disabled' }],
    ['kimi-for-coding', 'xhigh', { type: 'enabled', effort: 'max' }],
    ['kimi-for-coding-highspeed', 'none', { type: 'enabled', effort: 'low' }],
    ['kimi-for-coding-highspeed', 'xhigh', { type: 'enabled', effort: 'high' }],
    ['k3', 'minimal', { type: 'enabled', effort: 'low' }],
    ['k3', 'medium', { type: 'enabled', effort: 'high' }],
    ['k3', 'xhigh', { type: 'enabled', effort: 'max' }],
    ['k2.6', 'xhigh', { type: 'enabled', effort: 'high' }],
  ])('thinks with %s at effort %s', async (model, effort, thinking) => {
    await start()
    expect((await run.chat({ model, reasoning_effort: effort })).status).toBe(200)
    expect(sent()['thinking']).toEqual(thinking)
    expect(sent()).not.toHaveProperty('reasoning_effort')
  })

  it.each([
    ['kimi-for-coding', 'high'],
    ['k3-256k', undefined],
    ['k2.6', 'none'],
    ['kimi-next', undefined],
  ])('leaves %s its own sampling, at effort %s', async (model, effort) => {
    await start()
    const sampling = { temperature: 0, top_p: 0.9, presence_penalty: 0.5, frequency_penalty: 0.5 }
    const { status } = await run.chat({ model: `kimi/${model}`, reasoning_effort: effort, seed: 7, n: 1, ...sampling })
    expect(status).toBe(200)
    for (const name of Object.keys(sampling)) expect(sent()).not.toHaveProperty(name)
    expect(sent()).toMatchObject({ seed: 7 })
  })

  it.each([
    ['none', 'low'],
    ['medium', 'high'],
    ['xhigh', 'max'],
    [undefined, undefined],
  ])('tells K3 of the open platform by its own word, at effort %s', async (effort, told) => {
    await start()
    expect((await run.chat({ model: 'kimi/kimi-k3.1-pro', reasoning_effort: effort })).status).toBe(200)
    expect(sent()['reasoning_effort']).toBe(told)
    expect(sent()).not.toHaveProperty('thinking')
  })

  it.each(['k2', 'k2-thinking', 'kimi-k2-0905-preview', 'moonshot-v1-8k'])('samples %s as asked', async (model) => {
    await start()
    const sampling = { temperature: 0.3, top_p: 0.9, presence_penalty: 0.5, frequency_penalty: 0.5, n: 2 }
    expect((await run.chat({ model: `kimi/${model}`, ...sampling })).status).toBe(200)
    expect(sent()).toMatchObject(sampling)
  })

  it('refuses more than one choice of a model that gives one', async () => {
    await start()
    const { status, json } = await run.chat({ model: 'k3', n: 2 })
    expect(status).toBe(400)
    expect(json['error']).toMatchObject({ code: 'unsupported_feature', param: 'n' })
    expect(fake.requests).toHaveLength(0)
  })

  it.each([
    [{ type: 'function', function: { name: 'look_up' } }, [lookUp], 'required'],
    [
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'other' } }] },
      },
      [other],
      'auto',
    ],
    ['required', [lookUp, other], 'required'],
    ['none', [lookUp, other], 'none'],
  ])('chooses tools: %j', async (choice, tools, written) => {
    await start()
    const { status } = await run.chat({ model: 'kimi-for-coding', tools: [lookUp, other], tool_choice: choice })
    expect(status).toBe(200)
    expect(sent()).toMatchObject({ tools, tool_choice: written })
  })

  it.each(['k3', 'k2.6'])('has a type for each property of a tool, of %s', async (model) => {
    await start()
    const parameters = {
      type: 'object',
      properties: {
        mode: { enum: ['smart', 'full'], description: 'How.' },
        list: { type: 'array', items: { properties: { any: {} } } },
        either: { anyOf: [{ const: 1 }, { type: 'null' }] },
      },
    }
    const tool = { type: 'function', function: { name: 'look_up', parameters } }
    // The one thinks, the other does not.
    const effort = model === 'k3' ? 'low' : 'none'
    expect((await run.chat({ model, tools: [tool], reasoning_effort: effort })).status).toBe(200)
    expect(sent()['tools'][0].function.parameters).toEqual({
      type: 'object',
      properties: {
        mode: { type: 'string', enum: ['smart', 'full'], description: 'How.' },
        list: { type: 'array', items: { type: 'object', properties: { any: { type: 'string' } } } },
        either: { anyOf: [{ type: 'integer', const: 1 }, { type: 'null' }] },
      },
    })
  })

  it('gives tools names that begin with a letter and have three, and the client its own back', async () => {
    await start()
    const names = ['21st_magic', 'ls', 'x.y']
    const tools = names.map((name) => ({ ...lookUp, function: { ...lookUp.function, name } }))
    const call = { id: 'c1', type: 'function', function: { name: 'ls', arguments: '{}' } }
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'a.txt' },
    ]
    expect((await run.chat({ model: 'k3', messages, tools })).status).toBe(200)
    const [, listed] = sent()['tools'].map(({ function: { name } }: Json) => name)
    expect(listed).toMatch(/^ls_[\da-f]{12}$/)
    expect(sent()['messages'][1].tool_calls[0].function.name).toBe(listed)
    fake.say({ steps: [{ toolCall: { id: 'c2', name: listed, arguments: '{}' } }] })
    const { json } = await run.chat({ model: 'k3', messages, tools })
    expect(json['choices'][0].message.tool_calls[0].function.name).toBe('ls')
  })

  it('sees videos and images, by their data and by the ids of files that Moonshot holds', async () => {
    await start()
    const content = [
      { type: 'video_url', video_url: { url: 'data:video/mp4;base64,AAAA' } },
      { type: 'video_url', video_url: { url: 'ms://file-1', id: 'v1' } },
      { type: 'image_url', image_url: { url: 'ms://file-2' } },
      { type: 'text', text: 'What is this?' },
    ]
    expect((await run.chat({ model: 'k2.6', messages: [{ role: 'user', content }] })).status).toBe(200)
    expect(sent()['messages'][0].content).toEqual(content)

    const url = 'video.mp4'
    const { status, json } = await run.chat({
      model: 'k2.6',
      messages: [{ role: 'user', content: [{ type: 'video_url', video_url: { url } }] }],
    })
    expect(status).toBe(400)
    expect(json['error']).toMatchObject({ param: 'messages[0].content[0].video_url.url', code: 'invalid_value' })
  })

  it("leaves Kimi's own tools their names, in calls that were made of them too", async () => {
    await start()
    const own = { type: 'builtin_function', function: { name: '$web_search' } }
    const call = { id: 'c1', type: 'function', function: { name: '$web_search', arguments: '{"query":"x"}' } }
    const result = { role: 'tool', tool_call_id: 'c1', name: '$web_search', content: '{"query":"x"}' }
    const messages = [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: '', tool_calls: [call] }, result]
    const asked = { model: 'k2.6', thinking: { type: 'disabled' }, tools: [own, lookUp], messages }
    expect((await run.chat(asked)).status).toBe(200)
    expect(sent()['tools'][0]).toEqual(own)
    expect(sent()['messages']).toEqual([messages[0], { role: 'assistant', tool_calls: [call] }, result])
  })

  it("takes tools' schemas that are alternatives, name no types that there are, or are none", async () => {
    await start()
    const object = (name: string) => ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] })
    const schemas = [
      { anyOf: [object('file'), object('url')] },
      {
        type: 'dict',
        properties: { a: { type: 'str' }, b: { type: 'STRING' }, c: { type: 'any' }, d: null, e: 'text' },
      },
      { properties: { pair: { type: 'array', items: [{ type: 'string' }, { type: 'integer' }] } } },
    ]
    const tools = schemas.map((parameters, at) => ({ type: 'function', function: { name: `tool_${at}`, parameters } }))
    expect((await run.chat({ model: 'k3', tools })).status).toBe(200)
    const [alternatives, types, tuple] = (sent()['tools'] as Json[]).map((tool) => tool['function'].parameters)
    expect(alternatives).toEqual({
      type: 'object',
      description: 'Give one of these: `file`; `url`.',
      properties: { file: { type: 'string' }, url: { type: 'string' } },
    })
    const text = { type: 'string' }
    expect(types).toEqual({ type: 'object', properties: { a: text, b: text, c: text, d: text, e: text } })
    expect(tuple.properties.pair).toEqual({ type: 'array', prefixItems: [text, { type: 'integer' }] })
  })

  it("sends an answer's format as Moonshot has it", async () => {
    await start()
    const schema = { type: ['object', 'null'], properties: { a: { enum: ['x', null] } }, required: ['a', 'b'] }
    const format = { type: 'json_schema', json_schema: { name: 'Answer', strict: true, schema } }
    expect((await run.chat({ model: 'k3', response_format: format })).status).toBe(200)
    expect(sent()['response_format']).toMatchObject({
      type: 'json_schema',
      json_schema: {
        name: 'Answer',
        strict: true,
        schema: { anyOf: [{ type: 'object', required: ['a'] }, { type: 'null' }] },
      },
    })
  })

  it('leaves out the hints that are OpenAI alone, and refuses to search the web', async () => {
    await start()
    const hints = {
      verbosity: 'low',
      store: false,
      service_tier: 'auto',
      prediction: { type: 'content', content: 'x' },
    }
    expect((await run.chat({ model: 'k3', safety_identifier: 'u1', metadata: { a: 'b' }, ...hints })).status).toBe(200)
    expect(Object.keys(sent())).toEqual(['model', 'messages', 'safety_identifier'])
    const { json } = await run.chat({ model: 'k3', web_search_options: {} })
    expect(json['error']).toMatchObject({ code: 'unsupported_feature', param: 'web_search_options' })
    expect(fake.requests).toHaveLength(1)
  })

  it.each(['k2', 'kimi-k2-turbo-preview'])('asks %s, which cannot, for no thinking', async (model) => {
    await start()
    const call = { id: 'c1', type: 'function', function: { name: 'look_up', arguments: '{}' } }
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'found' },
    ]
    const choice = { type: 'function', function: { name: 'look_up' } }
    const asked = { model: `kimi/${model}`, messages, reasoning_effort: 'high', tools: [lookUp], tool_choice: choice }
    expect((await run.chat(asked)).status).toBe(200)
    expect(sent()).not.toHaveProperty('thinking')
    expect(sent()['messages'][1]).not.toHaveProperty('reasoning_content')
    expect(sent()).toMatchObject({ tool_choice: choice })
  })

  it('tells allowed tools by no others where it does not think', async () => {
    await start()
    const choice = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [other] } }
    const asked = { model: 'k2.6', reasoning_effort: 'none', tools: [lookUp, other], tool_choice: choice }
    expect((await run.chat(asked)).status).toBe(200)
    expect(sent()).toMatchObject({ tools: [other], tool_choice: 'required' })
  })

  it('passes the prompt cache key on, and has developers speak as the system', async () => {
    await start()
    const messages = [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ]
    expect((await run.chat({ model: 'k3', messages, prompt_cache_key: 'p1' })).status).toBe(200)
    expect(sent()).toMatchObject({ prompt_cache_key: 'p1', messages: [{ role: 'system' }, { role: 'user' }] })
  })

  it.each<[ScriptFailure['kind'], number, string, string | null]>([
    ['invalid_request', 400, 'invalid_request_error', null],
    ['invalid_key', 401, 'authentication_error', 'invalid_authentication_error'],
    ['forbidden', 403, 'permission_error', 'access_terminated_error'],
    ['not_found', 404, 'not_found_error', 'model_not_found'],
    ['context_length', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['rate_limit', 429, 'rate_limit_error', 'rate_limit_reached_error'],
    ['quota', 429, 'insufficient_quota', 'access_terminated_error'],
    ['server_error', 500, 'server_error', null],
    ['overloaded', 503, 'overloaded_error', 'engine_overloaded_error'],
  ])('reads the error of kind %s', async (kind, status, type, code) => {
    await start()
    fake.fail({ kind, retryAfter: 3 })
    const answer = await run.chat({ model: 'k3' })
    expect(answer.status).toBe(status)
    expect(answer.json['error']).toMatchObject({ type, ...(code !== null && { code }) })
    expect(answer.headers.get('retry-after')).toBe('3')
  })

  it('reports an error in the middle of a stream', async () => {
    await start()
    let go = () => {}
    const read = new Promise<void>((resolve) => (go = resolve))
    fake.say({ steps: [{ text: 'Hel' }, { wait: read }, { error: { kind: 'overloaded' } }] })
    const response = await run.open({ model: 'k3' })
    go()
    const text = await response.text()
    expect(text).toContain('"content":"Hel"')
    expect(text).toContain('currently overloaded')
    expect(text).not.toContain('"finish_reason":"stop"')
  })

  it('lists what it has now, with what it says of it', async () => {
    await start()
    const [provider] = run.byok.registry.providers
    if (provider) await run.byok.modelLists.refresh(provider)
    const models = provider?.models
    expect(models?.get('kimi-next')).toMatchObject({ contextWindow: 524_288, capabilities: { reasoning: true } })
    expect((await run.chat({ model: 'kimi-next' })).status).toBe(200)
  })
})
