import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { APICallError } from '@ai-sdk/provider'
import { createProviderRegistry, generateImage } from 'ai'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { isObject } from '../../../src/core/json/json.ts'
import type { Byok } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/index.ts'
import { startGemini } from '../../upstreams/gemini.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { PNG } from '../../upstreams/openai-images.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'
import { byokBefore } from './support.ts'

/* `generateImage` of the AI SDK with a model of byok's. */

let openai: FakeProvider
let gemini: FakeProvider
let byok: Byok
beforeAll(async () => {
  ;[openai, gemini] = await Promise.all([startOpenAIChat(), startGemini()])
  byok = await byokBefore({
    codex: { api_key: 'sk-test', base_url: openai.url },
    gemini: { api_key: 'test-key', base_url: gemini.url },
  })
})
afterAll(async () => {
  await byok.close()
  await Promise.all([openai.close(), gemini.close()])
})

it('draws: what the SDK has no word for, usage, who served it', async () => {
  const model = createProviderRegistry({ byok }).imageModel('byok:codex/gpt-image-2')
  const { images, usage, providerMetadata, responses, warnings } = await generateImage({
    model,
    prompt: 'a red fox',
    n: 2,
    size: '1024x1536',
    seed: 7,
    providerOptions: { byok: { quality: 'low' } },
  })
  expect(images.map(({ base64 }) => base64)).toEqual([PNG, PNG])
  expect(usage).toEqual({ inputTokens: 34, outputTokens: 2744, totalTokens: 2778 })
  expect(providerMetadata['byok']).toMatchObject({ images: [{ provider: 'codex' }, { provider: 'codex' }] })
  expect(responses[0]).toMatchObject({ modelId: 'codex/gpt-image-2', headers: { 'x-byok-provider': 'codex' } })
  expect(warnings).toMatchObject([{ type: 'unsupported', feature: 'seed' }, { feature: 'seed' }])
  expect(openai.requests.at(-1)?.json).toEqual({
    model: 'gpt-image-2',
    prompt: 'a red fox',
    n: 1,
    size: '1024x1536',
    quality: 'low',
  })
})

it.each(['codex/gpt-image-2', 'gemini/gemini-3.1-flash-image'])('edits with %s', async (id) => {
  const prompt = { text: 'add a red hat', images: [Buffer.from(PNG, 'base64')] }
  const { image } = await generateImage({ model: byok.imageModel(id), prompt })
  expect(image.base64).toBe(PNG)
  const fake = id.startsWith('codex') ? openai : gemini
  expect(JSON.stringify(fake.requests.at(-1)?.json)).toContain(PNG)
})

it('asks for the image itself, where a model may answer with its address', async () => {
  const asked: unknown[] = []
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      asked.push(body)
      const itself = isObject(body) && body['response_format'] === 'b64_json'
      const image = itself ? { b64_json: PNG } : { url: 'https://example.com/fox.png' }
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ created: 1, data: [image] }))
    })
  })
  const url = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
  const own = await createIsolatedByok({
    providers: {
      codex: { api_key: 'sk-test', base_url: url },
      local: { type: 'openai-compatible', base_url: url },
    },
  })
  onTestFinished(async () => {
    await own.close()
    server.close()
  })
  for (const id of ['codex/dall-e-3', 'local/flux']) {
    const { image } = await generateImage({ model: own.imageModel(id), prompt: 'a red fox' })
    expect(image.base64).toBe(PNG)
  }
  expect(asked).toEqual([
    { model: 'dall-e-3', prompt: 'a red fox', n: 1, response_format: 'b64_json' },
    { model: 'flux', prompt: 'a red fox', n: 1, response_format: 'b64_json' },
  ])
})

it('tells errors as those of the SDK', async () => {
  const draw = (more: object) =>
    generateImage({ model: byok.imageModel('codex/gpt-image-2'), prompt: 'a red fox', maxRetries: 0, ...more })
  await expect(draw({ providerOptions: { byok: { qualty: 'low' } } })).rejects.toSatisfy(
    (error) => APICallError.isInstance(error) && error.statusCode === 400 && error.message.includes('qualty'),
  )
  openai.fail({ kind: 'rate_limit' })
  await expect(draw({})).rejects.toSatisfy((error) => APICallError.isInstance(error) && error.isRetryable)
})
