import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai'
import type {
  GenerateContentParameters,
  GenerateContentResponse,
  GoogleGenAIOptions,
  PartListUnion,
} from '@google/genai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loopsAndStreams } from './ai-sdk.ts'
import { KINDS, serveEveryone, withEveryone } from './providers.ts'
import type { Everyone, Kind } from './providers.ts'

/* The unmodified `@google/genai`, and `ai` with `@ai-sdk/google`, in front of every kind of provider. */

Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

let everyone: Everyone
let client: GoogleGenAI

const clientOf = (url: string, apiKey = 'unused') =>
  new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl: url, retryOptions: { attempts: 1 } } })

beforeAll(async () => {
  everyone = await serveEveryone({ models: { 'gemini-flash-latest': 'local/gpt-4o' } })
  client = clientOf(everyone.url)
})
afterAll(() => everyone.close())

const functions = [
  {
    functionDeclarations: [
      {
        name: 'weather',
        description: 'The weather of a city',
        parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
      },
    ],
  },
]

const kinds = Object.keys(KINDS) as Kind[]
const everywhere = kinds.flatMap((kind) => [true, false].map((streaming) => ({ kind, streaming })))

/** Every message of an answer; one where it is not streamed. */
async function generate(
  streaming: boolean,
  params: GenerateContentParameters,
  { models } = client,
): Promise<GenerateContentResponse[]> {
  if (!streaming) return [await models.generateContent(params)]
  const messages: GenerateContentResponse[] = []
  for await (const message of await models.generateContentStream(params)) messages.push(message)
  return messages
}

const partsOf = (messages: GenerateContentResponse[]) =>
  messages.flatMap((message) => message.candidates?.[0]?.content?.parts ?? [])
const textOf = (messages: GenerateContentResponse[]) =>
  partsOf(messages)
    .map(({ text = '' }) => text)
    .join('')

/** As OpenRouter sends them: "Streaming Image Generation" in its docs, features/multimodal/image-generation. */
it('gives @google/genai every image of a stream of Chat Completions', async () => {
  const raw = ['QUE=', 'QkI=']
    .map((data) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }))
    .map((image) => ({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { images: [image] } }] }))
    .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
    .join('')
  everyone.fakes.local.say({ steps: [{ raw }, { text: 'Done' }] })
  const parts = partsOf(await generate(true, { model: KINDS.local.model, contents: 'Draw two' }))
  expect(parts.flatMap(({ inlineData }) => inlineData?.data ?? [])).toEqual(['QUE=', 'QkI='])
})

it.each([true, false])(
  'goes on with Gemini 3 between the calls of another model (streaming: %s)',
  async (streaming) => {
    const config = { tools: functions }
    everyone.fakes.local.say({
      steps: ['Rome', 'Oslo'].map((city, at) => ({
        toolCall: { id: `call_${at}`, name: 'weather', arguments: JSON.stringify({ city }) },
      })),
    })
    const asked = { role: 'user', parts: [{ text: 'How is it?' }] }
    const parts = partsOf(await generate(streaming, { model: KINDS.local.model, contents: [asked], config }))
    const results = parts.flatMap(({ functionCall: call }) =>
      call
        ? [{ functionResponse: { ...(call.id && { id: call.id }), name: 'weather', response: { output: 'sunny' } } }]
        : [],
    )
    expect(results).toHaveLength(2)
    const contents = [asked, { role: 'model', parts }, { role: 'user', parts: results }]
    everyone.fakes.gemini.say({ steps: [{ text: 'Sunny.' }] })
    const model = 'gemini/gemini-3.1-pro-preview'
    expect(textOf(await generate(streaming, { model, contents, config }))).toBe('Sunny.')
  },
)

it('goes on with Gemini after a turn of another model that was thoughts alone, or nothing', async () => {
  const config = { thinkingConfig: { includeThoughts: true } }
  everyone.fakes.codex.say({ steps: [{ reasoning: 'Hm' }] })
  const asked = { role: 'user', parts: [{ text: 'How is it?' }] }
  const parts = partsOf(await generate(false, { model: KINDS.codex.model, contents: [asked], config }))
  expect(parts.map(({ thought }) => thought)).toEqual([true])
  for (const said of [parts, []]) {
    const contents = [asked, { role: 'model', parts: said }, { role: 'user', parts: [{ text: 'Well?' }] }]
    everyone.fakes.gemini.say({ steps: [{ text: 'Sunny.' }] })
    expect(textOf(await generate(false, { model: KINDS.gemini.model, contents, config }))).toBe('Sunny.')
  }
})

describe.each(everywhere)('@google/genai in front of $kind (streaming: $streaming)', ({ kind, streaming }) => {
  const { model } = KINDS[kind]
  /** What passes through is between the client and its own vendor. */
  const own = KINDS[kind].protocol === 'gemini'

  it('gets an answer with usage', async () => {
    everyone.fakes[kind].say({ steps: [{ text: ['Hi ', 'there 🦊'] }], usage: { input: 12, output: 3 } })
    const messages = await generate(streaming, {
      model,
      contents: 'Hello',
      config: { systemInstruction: 'Be brief', maxOutputTokens: 500 },
    })
    expect(textOf(messages)).toBe('Hi there 🦊')
    expect(messages.at(-1)).toMatchObject({
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 3, totalTokenCount: 15 },
    })
  })

  it('calls functions over two turns', async () => {
    const fake = everyone.fakes[kind]
    fake.say({
      steps: [
        { toolCall: { id: 'call_1', name: 'weather', arguments: ['{"ci', 'ty":"Rome"}'] } },
        { toolCall: { id: 'call_2', name: 'weather', arguments: '{"city":"Oslo"}' } },
      ],
    })
    const question = { role: 'user', parts: [{ text: 'Weather in Rome and Oslo?' }] }
    const config = {
      tools: functions,
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
    }
    const first = await generate(streaming, { model, contents: [question], config })
    const calls = first.flatMap(({ functionCalls = [] }) => functionCalls)
    expect(calls.map(({ name, args }) => [name, args])).toEqual([
      ['weather', { city: 'Rome' }],
      ['weather', { city: 'Oslo' }],
    ])
    fake.say({ steps: [{ text: 'Sunny and cold' }] })
    const second = await generate(streaming, {
      model,
      config,
      contents: [
        question,
        { role: 'model', parts: partsOf(first) },
        {
          role: 'user',
          parts: calls.map(({ id, name }, index) => ({
            functionResponse: {
              ...(id !== undefined && { id }),
              ...(name !== undefined && { name }),
              response: { output: index === 0 ? 'sunny' : 'cold' },
            },
          })),
        },
      ],
    })
    expect(textOf(second)).toBe('Sunny and cold')
  })

  it.skipIf(own)('remembers the turns of a chat, with calls in parallel', async () => {
    const fake = everyone.fakes[kind]
    const chat = client.chats.create({ model, config: { tools: functions } })
    const say = async (message: PartListUnion) => {
      if (!streaming) return [await chat.sendMessage({ message })]
      const messages: GenerateContentResponse[] = []
      for await (const part of await chat.sendMessageStream({ message })) messages.push(part)
      return messages
    }
    const asked = () => JSON.stringify(fake.requests.at(-1)?.json)
    fake.say({ steps: [{ text: ['Hi', ' ', 'there 🦊'] }] })
    await say('Hello')
    fake.say({
      steps: [
        { text: ['Let me', ' look'] },
        { toolCall: { id: 'call_1', name: 'weather', arguments: ['{"ci', 'ty":"Rome"}'] } },
        { toolCall: { id: 'call_2', name: 'weather', arguments: '{"city":"Oslo"}' } },
      ],
    })
    const calls = (await say('Weather in Rome and Oslo?')).flatMap(({ functionCalls = [] }) => functionCalls)
    expect(asked()).toContain('Hi there 🦊')
    fake.say({ steps: [{ text: ['Sunny', ' and cold'] }] })
    const results = calls.map(({ id, name }, index) => ({
      functionResponse: {
        ...(id !== undefined && { id }),
        ...(name !== undefined && { name }),
        response: { output: index === 0 ? 'sunny' : 'cold' },
      },
    }))
    await say(results)
    expect(asked()).toContain('Let me look')
    fake.say({ steps: [{ text: 'Bye' }] })
    await say('Thanks')
    for (const words of ['Hello', 'Rome', 'Oslo', 'sunny', 'cold', 'Thanks']) expect(asked()).toContain(words)
    const turns = chat.getHistory(true).map(({ role }) => role)
    expect(turns.filter((role, at) => role !== turns[at - 1])).toEqual(
      Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? 'user' : 'model')),
    )
    expect(asked()).toContain('Sunny and cold')
  })

  it.skipIf(own)('may have calls without ids, and results with ids of its own making', async () => {
    const call = (city: string) => ({ functionCall: { name: 'weather', args: { city } } })
    // As gemini-cli makes them (google-gemini/gemini-cli packages/core/src/core/turn.ts).
    const result = (id: string, output: string) => ({
      functionResponse: { id: `weather-${id}`, name: 'weather', response: { output } },
    })
    everyone.fakes[kind].say({ steps: [{ text: 'Sunny' }] })
    const messages = await generate(streaming, {
      model,
      config: { tools: functions },
      contents: [
        { role: 'user', parts: [{ text: 'Weather in Rome and Oslo?' }] },
        { role: 'model', parts: [call('Rome'), call('Oslo')] },
        { role: 'user', parts: [result('1700000000000-1', 'sunny'), result('1700000000000-2', 'cold')] },
      ],
    })
    expect(textOf(messages)).toBe('Sunny')
  })

  it('gets structured output', async () => {
    everyone.fakes[kind].say({ steps: [{ text: '{"a":1}' }] })
    const messages = await generate(streaming, {
      model,
      contents: 'JSON, please',
      config: {
        responseMimeType: 'application/json',
        responseJsonSchema: {
          type: 'object',
          properties: { a: { type: 'number' } },
          required: ['a'],
          additionalProperties: false,
        },
      },
    })
    expect(JSON.parse(textOf(messages))).toEqual({ a: 1 })
  })

  it('gets one of some texts', async () => {
    everyone.fakes[kind].say({ steps: [{ text: own ? ['do', 'g'] : ['{"value":', ' "dog"}'] }] })
    const messages = await generate(streaming, {
      model,
      contents: 'What is it?',
      config: { responseMimeType: 'text/x.enum', responseSchema: { type: Type.STRING, enum: ['cat', 'dog'] } },
    })
    expect(textOf(messages)).toBe('dog')
    const texts = expect.stringMatching(/enum\W+cat\W+dog/) as string
    expect(everyone.fakes[kind].requests.at(-1)?.text).toEqual(texts)
  })

  it('is told of a limit that was met', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'Hel' }], finish: 'length' })
    const messages = await generate(streaming, { model, contents: 'Hi' })
    expect(messages.at(-1)?.candidates?.[0]?.finishReason).toBe('MAX_TOKENS')
  })

  it('is told of a rate limit', () =>
    withEveryone(async ({ fakes, url }) => {
      fakes[kind].fail({ kind: 'rate_limit' })
      const asked = generate(streaming, { model, contents: 'Hi' }, clientOf(url))
      const error: unknown = await asked.catch((fault: unknown) => fault)
      expect(error).toBeInstanceOf(ApiError)
      expect(error).toMatchObject({ status: 429 })
      expect(JSON.parse((error as ApiError).message)).toMatchObject({
        error: { code: 429, status: 'RESOURCE_EXHAUSTED' },
      })
    }))
})

describe.each(kinds)('a stream of %s', (kind) => {
  const { model } = KINDS[kind]
  const open = async (query: string) =>
    await fetch(`${everyone.url}/v1beta/models/${model}:streamGenerateContent${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }),
    })

  it('that is cut throws, after what came', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'Hel' }, { cut: true }] })
    const messages: GenerateContentResponse[] = []
    const reading = (async () => {
      for await (const message of await client.models.generateContentStream({ model, contents: 'Hi' })) {
        messages.push(message)
      }
    })()
    await expect(reading).rejects.toThrow()
    expect(textOf(messages)).toBe('Hel')
  })

  it('is one JSON list without alt=sse', async () => {
    everyone.fakes[kind].say({ steps: [{ text: ['He', 'llo'] }] })
    const response = await open('')
    expect(response.headers.get('content-type')).toContain('application/json')
    const messages = (await response.json()) as GenerateContentResponse[]
    expect(textOf(messages)).toBe('Hello')
    expect(messages.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP')
  })

  it('ends a JSON list with the error of a cut', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'Hel' }, { cut: true }] })
    const messages = (await (await open('')).json()) as GenerateContentResponse[]
    expect(textOf(messages.slice(0, -1))).toBe('Hel')
    expect(messages.at(-1)).toMatchObject({ error: { code: 502, status: 'UNAVAILABLE' } })
  })
})

describe.each(kinds)('ai with @ai-sdk/google in front of %s', (kind) => {
  const { model: id } = KINDS[kind]

  it('runs a tool loop and streams', () =>
    loopsAndStreams(
      createGoogleGenerativeAI({ baseURL: `${everyone.url}/v1beta`, apiKey: 'unused' })(id),
      everyone.fakes[kind],
    ))
})

describe.each(kinds)('@google/genai with vertexai in front of %s', (kind) => {
  it('asks, streams and counts', async () => {
    const vertex = new GoogleGenAI({ vertexai: true, apiKey: 'unused', httpOptions: { baseUrl: everyone.url } })
    const { model } = KINDS[kind]
    everyone.fakes[kind].say({ steps: [{ text: 'Hello' }] })
    expect((await vertex.models.generateContent({ model, contents: 'Hi' })).text).toBe('Hello')
    everyone.fakes[kind].say({ steps: [{ text: ['Hel', 'lo'] }] })
    const messages: GenerateContentResponse[] = []
    for await (const message of await vertex.models.generateContentStream({ model, contents: 'Hi' }))
      messages.push(message)
    expect(textOf(messages)).toBe('Hello')
    expect((await vertex.models.countTokens({ model, contents: 'How many?' })).totalTokens).toBeGreaterThan(1)
  })
})

// `generateContentStreamWithContinuation` of @google/genai 2.32: the same request, with the token of the answer.
it('@google/genai goes on with an answer that is not complete, where a hook reads it too', async () => {
  await withEveryone(
    async ({ url, fakes }) => {
      const { model } = KINDS.gemini
      const begun = { content: { parts: [{ text: 'One, ' }], role: 'model' }, finishReason: 'CONTINUATION' }
      const raw = `data: ${JSON.stringify({ candidates: [{ ...begun, continuationToken: 'QUJD' }] })}\r\n\r\n`
      fakes.gemini.say({ steps: [{ raw }, { end: true }] })
      fakes.gemini.say({ steps: [{ text: 'two.' }] })
      const config = { automaticContinuation: true }
      const stream = await clientOf(url).models.generateContentStream({ model, contents: 'Count', config })
      const messages: GenerateContentResponse[] = []
      for await (const message of stream) messages.push(message)
      expect(textOf(messages)).toBe('One, two.')
      expect(fakes.gemini.requests.map(({ json }) => json)).toMatchObject([{}, { continuationToken: 'QUJD' }])
    },
    { hooks: { chat() {} } },
  )
})

// googleapis/js-genai README.md, "API Selection".
describe.each(['v1', 'v1alpha'])('@google/genai set to %s', (apiVersion) => {
  const set = (more: GoogleGenAIOptions = {}) =>
    new GoogleGenAI({ apiKey: 'unused', apiVersion, httpOptions: { baseUrl: everyone.url }, ...more })

  it.each(kinds)('asks, streams and counts in front of %s', async (kind) => {
    const { model } = KINDS[kind]
    everyone.fakes[kind].say({ steps: [{ text: 'Hello' }] })
    expect((await set().models.generateContent({ model, contents: 'Hi' })).text).toBe('Hello')
    everyone.fakes[kind].say({ steps: [{ text: ['Hel', 'lo'] }] })
    const messages: GenerateContentResponse[] = []
    for await (const message of await set().models.generateContentStream({ model, contents: 'Hi' }))
      messages.push(message)
    expect(textOf(messages)).toBe('Hello')
    expect((await set().models.countTokens({ model, contents: 'How many?' })).totalTokens).toBeGreaterThan(1)
  })

  it('lists the models, knows one by its name, and reads faults', async () => {
    const names: string[] = []
    for await (const model of await set().models.list({ config: { queryBase: true } })) names.push(model.name ?? '')
    expect(names).toContain('models/gemini-flash-latest')
    expect(await set().models.get({ model: 'gemini-2.5-flash' })).toMatchObject({ name: 'models/gemini-2.5-flash' })
    const asked = set().models.generateContent({ model: 'no-such-model', contents: 'Hi' })
    await expect(asked).rejects.toMatchObject({ status: 404, message: expect.stringContaining('NOT_FOUND') })
  })
})

it("@google/genai with vertexai, set to v1, reaches Google's models and others", async () => {
  const vertex = new GoogleGenAI({
    vertexai: true,
    apiKey: 'unused',
    apiVersion: 'v1',
    httpOptions: { baseUrl: everyone.url },
  })
  for (const kind of ['gemini', 'local'] as const) {
    everyone.fakes[kind].say({ steps: [{ text: 'Hello' }] })
    const { model } = KINDS[kind]
    expect((await vertex.models.generateContent({ model, contents: 'Hi' })).text).toBe('Hello')
  }
})

describe('models, counts and faults', () => {
  it('lists the models, page by page, and knows one by its name', async () => {
    const names: string[] = []
    for await (const model of await client.models.list({ config: { pageSize: 5, queryBase: true } }))
      names.push(model.name ?? '')
    expect(names).toContain('models/gemini-flash-latest')
    expect(names).toContain('models/gpt-5.3-codex')
    expect(new Set(names).size).toBe(names.length)
    expect(await client.models.get({ model: 'gemini-2.5-flash' })).toMatchObject({ name: 'models/gemini-2.5-flash' })
    const path = await fetch(`${everyone.url}/v1beta/${KINDS.claude.model}`)
    expect(await path.json()).toMatchObject({ name: expect.stringContaining('claude-sonnet-4-5') })
    await expect(client.models.get({ model: 'no-such-model' })).rejects.toMatchObject({ status: 404 })
  })

  it("config's `models` lead Gemini's own names elsewhere", async () => {
    everyone.fakes.local.say({ steps: [{ text: 'from local' }] })
    expect((await client.models.generateContent({ model: 'gemini-flash-latest', contents: 'Hi' })).text).toBe(
      'from local',
    )
  })

  it.each(kinds)('counts tokens for %s', async (kind) => {
    const { totalTokens } = await client.models.countTokens({
      model: KINDS[kind].model,
      contents: 'How many tokens are these?',
    })
    expect(totalTokens).toBeGreaterThan(4)
  })

  it('answers faults in the shape of Google', async () => {
    const call = async (path: string, init?: RequestInit) => {
      const response = await fetch(`${everyone.url}${path}`, init)
      return { status: response.status, json: await response.json() }
    }
    const post = { method: 'POST', body: JSON.stringify({ contents: 'Hi' }) }
    expect(await call('/v1beta/models/no-such-model:generateContent', post)).toMatchObject({
      status: 404,
      json: { error: { code: 404, status: 'NOT_FOUND' } },
    })
    expect(await call('/v1beta/models/gpt-4o:predict', post)).toMatchObject({
      status: 404,
      json: { error: { code: 404 } },
    })
    const elsewhere = await call('/v1beta/tunedModels/x:generateContent', post)
    expect(elsewhere).toMatchObject({
      status: 404,
      json: { error: { message: expect.stringContaining('There is no') } },
    })
    expect(await call('/v1beta/nothing', post)).toMatchObject({ status: 404, json: { error: { status: 'NOT_FOUND' } } })
    // As @google/genai 3 asks for `caches`, `files` and `batches`.
    const named = { ...post, headers: { 'x-goog-api-key': 'unused' } }
    expect(await call('/v1/cachedContents', named)).toMatchObject({
      status: 404,
      json: { error: { status: 'NOT_FOUND' } },
    })
    expect(await call('/v1beta/models', post)).toMatchObject({ status: 405, json: { error: { code: 405 } } })
    expect(await call('/v1beta/models/gpt-4o:generateContent', { method: 'POST', body: '{}' })).toMatchObject({
      status: 400,
      json: { error: { status: 'INVALID_ARGUMENT' } },
    })
  })

  it('takes `x-goog-api-key` and `?key=` where it needs a key', async () => {
    const guarded = await serveEveryone({ server: { keys: ['let-me-in'] } })
    try {
      guarded.fakes.local.say({ steps: [{ text: 'in' }] })
      const asked = clientOf(guarded.url, 'let-me-in').models.generateContent({ model: 'local/gpt-4o', contents: 'Hi' })
      expect((await asked).text).toBe('in')
      const listed = await fetch(`${guarded.url}/v1beta/models?key=let-me-in`)
      expect(listed.status).toBe(200)
      const refused = clientOf(guarded.url, 'wrong').models.generateContent({ model: 'local/gpt-4o', contents: 'Hi' })
      await expect(refused).rejects.toMatchObject({ status: 401, message: expect.stringContaining('UNAUTHENTICATED') })
    } finally {
      await guarded.close()
    }
  })
})
