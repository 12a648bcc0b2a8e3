import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { GoogleGenAI } from '@google/genai'
import { embed, embedMany } from 'ai'
import OpenAI from 'openai'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import type { Listening } from '../../src/adapters/listen.ts'
import { createByok, createMemoryTokenStore } from '../../src/index.ts'
import type { Byok } from '../../src/index.ts'
import { startFakeServer } from '../../src/testing/fake-server.ts'
import type { FakeServer } from '../../src/testing/fake-server.ts'
import { startGemini } from '../upstreams/gemini.ts'
import { startQwen } from '../upstreams/qwen.ts'

/* The unmodified `openai` client's embeddings and completions, in front of a server that has them. */

let vendor: FakeServer
let byok: Byok
let listening: Listening
let client: OpenAI

beforeEach(async () => {
  vendor = await startFakeServer((request, reply) => {
    const body = request.json as { model: string; stream?: boolean }
    if (request.headers.authorization !== 'Bearer sk-test') {
      return reply.json(401, {
        error: { message: 'Incorrect API key', type: 'invalid_request_error', code: 'invalid_api_key' },
      })
    }
    if (body.model === 'gone')
      return reply.json(404, { error: { message: 'No such model', type: 'invalid_request_error' } })
    if (request.path === '/v1/embeddings') {
      const data = [{ object: 'embedding', index: 0, embedding: [0.5, -0.25] }]
      return reply.json(200, { object: 'list', model: body.model, data, usage: { prompt_tokens: 2, total_tokens: 2 } })
    }
    const choice = (text: string, finish: string | null) => ({
      id: 'cmpl-1',
      object: 'text_completion',
      model: body.model,
      choices: [{ index: 0, text, finish_reason: finish, logprobs: null }],
    })
    if (!body.stream) return reply.json(200, choice('Hello', 'stop'))
    const chunks = [choice('Hel', null), choice('lo', 'stop')].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
    return reply.send(200, `${chunks.join('')}data: [DONE]\n\n`, { 'content-type': 'text/event-stream' })
  })
  byok = await createByok({
    configFiles: false,
    env: {},
    store: createMemoryTokenStore(),
    upstream: { retries: 0 },
    log: { level: 'silent' },
    providers: {
      codex: { api_key: 'sk-test', base_url: `${vendor.url}/v1` },
      local: { type: 'openai-compatible', api_key: 'sk-test', base_url: `${vendor.url}/v1` },
      claude: { api_key: 'sk-ant' },
    },
  })
  listening = await listen(byok, { port: 0 })
  client = new OpenAI({ baseURL: `${listening.url}/v1`, apiKey: 'unused', maxRetries: 0 })
})
afterEach(async () => {
  await listening.close(0)
  await byok.close()
  await vendor.close()
})

it.each(['text-embedding-3-small', 'local/nomic-embed-text'])('embeds with %s', async (model) => {
  const answer = await client.embeddings.create({ model, input: 'Hi', encoding_format: 'float' })
  expect(answer).toMatchObject({ data: [{ embedding: [0.5, -0.25] }], usage: { prompt_tokens: 2 } })
  expect(vendor.requests.at(-1)?.json).toEqual({
    model: model.replace('local/', ''),
    input: 'Hi',
    encoding_format: 'float',
  })
  // Without a format the client asks for base64, and reads nothing else.
  expect(await client.embeddings.create({ model, input: 'Hi' })).toMatchObject({ data: [{ embedding: [0.5, -0.25] }] })
  expect(vendor.requests.at(-1)?.json).toMatchObject({ encoding_format: 'base64' })
})

it.each([
  ['gemini', 'gemini/gemini-embedding-001', () => startGemini(), 'test-key'],
  ['qwen', 'qwen/text-embedding-v4', () => startQwen(), 'sk-qwen-test'],
] as const)('embeds with %s, by key', async (provider, model, start, key) => {
  const fake = await start()
  const own = await createByok({
    configFiles: false,
    env: {},
    store: createMemoryTokenStore(),
    upstream: { retries: 0 },
    log: { level: 'silent' },
    providers: { [provider]: { api_key: key, base_url: fake.url } },
  })
  try {
    const asker = new OpenAI({ baseURL: 'http://byok/v1', apiKey: 'unused', maxRetries: 0, fetch: own.fetch })
    const answer = await asker.embeddings.create({
      model,
      input: ['Hi', 'Ho'],
      encoding_format: 'float',
      dimensions: 2,
    })
    expect(answer).toMatchObject({ data: [{}, { embedding: [0.5, -0.25] }], usage: { prompt_tokens: 2 } })
    await expect(asker.embeddings.create({ model, input: [] })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('input must be a text or a list of texts'),
    })
    const served = await listen(own, { port: 0 })
    try {
      await embedsByGoogles(served.url, model)
    } finally {
      await served.close(0)
    }
    const [, id] = model.split('/')
    // Google is asked as its clients ask; others, whose vectors are for everything, in OpenAI's form.
    const asked = (text: string) => ({
      model: `models/${id}`,
      content: { role: 'user', parts: [{ text }] },
      taskType: 'RETRIEVAL_DOCUMENT',
      outputDimensionality: 2,
    })
    expect(fake.requests.at(-1)?.json).toEqual(
      provider === 'gemini'
        ? { requests: ['Hi', 'Ho'].map(asked) }
        : { model: id, input: ['Hi', 'Ho'], encoding_format: 'float', dimensions: 2 },
    )
  } finally {
    await own.close()
    await fake.close()
  }
})

/** The same by @google/genai and `ai` with @ai-sdk/google. */
async function embedsByGoogles(url: string, model: string): Promise<void> {
  const { models } = new GoogleGenAI({ apiKey: 'unused', httpOptions: { baseUrl: url, retryOptions: { attempts: 1 } } })
  const { embeddings } = await models.embedContent({ model, contents: 'Hi' })
  expect(embeddings).toEqual([{ values: [0.5, -0.25] }])
  const config = { taskType: 'RETRIEVAL_DOCUMENT', title: 'Greetings' }
  expect((await models.embedContent({ model, contents: 'Hi', config })).embeddings).toHaveLength(1)
  const google = createGoogleGenerativeAI({ apiKey: 'unused', baseURL: `${url}/v1beta` })
  expect((await embed({ model: google.embeddingModel(model), value: 'Hi' })).embedding).toEqual([0.5, -0.25])
  const many = { model: google.embeddingModel(model), values: ['Hi', 'Ho'] }
  const providerOptions = { google: { taskType: 'RETRIEVAL_DOCUMENT', outputDimensionality: 2 } }
  expect((await embedMany({ ...many, providerOptions })).embeddings).toHaveLength(2)
}

it('completes, whole and streamed', async () => {
  const body = { model: 'local/gpt-3.5-turbo-instruct', prompt: 'Say hello' }
  expect((await client.completions.create(body)).choices[0]?.text).toBe('Hello')
  let text = ''
  for await (const chunk of await client.completions.create({ ...body, stream: true }))
    text += chunk.choices[0]?.text ?? ''
  expect(text).toBe('Hello')
})

it('tells what the vendor finds wrong, and who has no such endpoint', async () => {
  await expect(client.embeddings.create({ model: 'local/gone', input: 'Hi' })).rejects.toMatchObject({ status: 404 })
  await expect(client.embeddings.create({ model: 'claude/claude-sonnet-4-5', input: 'Hi' })).rejects.toMatchObject({
    status: 404,
    code: 'endpoint_not_offered',
  })
  await expect(client.embeddings.create({ model: 'nobody', input: 'Hi' })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  })
})
