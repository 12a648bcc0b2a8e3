import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateImage } from 'ai'
import express from 'express'
import OpenAI, { toFile } from 'openai'
import { expect, it, onTestFinished } from 'vitest'
import { middleware } from '../../src/adapters/middleware.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'
import { startGemini } from '../upstreams/gemini.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'
import { fieldsOfForm, PNG } from '../upstreams/openai-images.ts'
import { KINDS, start } from './one-vendor.ts'

/* Images, asked for by the unmodified `openai` and `ai` clients. */

const png = () => Buffer.from(PNG, 'base64')

it.each(['key', 'login', 'server'] as const)('draws by the images of a vendor that has them (%s)', async (kind) => {
  const { fake, client } = await start(kind)
  // As Codex names it (openai/codex codex-rs/ext/image-generation/src/tool.rs), where the provider is OpenAI.
  const model = kind === 'server' ? 'local/gpt-image-2' : 'gpt-image-2'
  const { data, response } = await client.images
    .generate({ model, prompt: 'a red fox', n: 2, size: '1024x1536', quality: 'low', output_format: 'webp' })
    .withResponse()
  expect(data).toMatchObject({
    created: 1_778_832_973,
    data: [{ b64_json: PNG }, { b64_json: PNG }],
    output_format: 'webp',
    usage: { input_tokens: 17, output_tokens: 1372 },
  })
  expect(response.headers.get('x-byok-provider')).toBe(KINDS[kind].provider)
  expect(fake.requests.at(-1)?.json).toEqual({
    model: 'gpt-image-2',
    prompt: 'a red fox',
    n: 2,
    size: '1024x1536',
    quality: 'low',
    output_format: 'webp',
  })
})

it.each(['key', 'login'] as const)('edits images, sent as files (%s)', async (kind) => {
  const { fake, client } = await start(kind)
  const [one, other, mask] = await Promise.all(
    ['one', 'other', 'mask'].map((name) => toFile(png(), `${name}.png`, { type: 'image/png' })),
  )
  if (!one || !other || !mask) throw new Error('no files')
  const body = { model: 'codex/gpt-image-2', image: [one, other], mask, prompt: 'add a red hat', n: 1 }
  expect((await client.images.edit(body)).data).toEqual([{ b64_json: PNG }])
  const image_url = `data:image/png;base64,${PNG}`
  expect(fake.requests.at(-1)?.json).toEqual({
    model: 'gpt-image-2',
    images: [{ image_url }, { image_url }],
    mask: { image_url },
    prompt: 'add a red hat',
    n: 1,
  })
  const single = { model: 'codex/gpt-image-2', image: one, prompt: 'add a red hat', stream: true as const }
  const types: string[] = []
  for await (const event of await client.images.edit(single)) types.push(event.type)
  expect(types).toEqual(['image_edit.completed'])
})

it.each(['key', 'login', 'server'] as const)(
  'edits by what is drawn over an image, moves it, and draws lines (%s)',
  async (kind) => {
    const { fake, client } = await start(kind)
    const [image, markup] = await Promise.all(['fox', 'arrow'].map((name) => toFile(png(), `${name}.png`)))
    if (!image || !markup) throw new Error('no files')
    const model = `${KINDS[kind].provider}/gpt-image-2.6-flare`
    const moving = { output_format: 'gif', frame_count: 4, frame_duration_ms: 100 } as const
    const lines = { output_format: 'svg', svg: { model: 'gpt-6.1-sol' } } as const
    const image_url = `data:image/png;base64,${PNG}`
    for (const more of [moving, lines]) {
      const body = { model, image, markup, prompt: 'add a red hat', ...more }
      // Newer than the type of `openai` 6.
      const { data } = await client.images.edit(body as unknown as OpenAI.ImageEditParamsNonStreaming)
      expect(data).toHaveLength(1)
      const last = fake.requests.at(-1)
      expect(kind === 'server' ? last && (await fieldsOfForm(last)) : last?.json).toMatchObject({
        ...more,
        prompt: 'add a red hat',
        ...(kind !== 'server' && { images: [{ image_url }], markup: { image_url } }),
      })
    }
    expect(kind === 'server' ? fake.requests.at(-1)?.text : 'name="markup"').toContain('name="markup"')
  },
)

it.each(['any', 'single'])('edits behind a host that has read the form already (%s)', async (reads) => {
  const { fake, byok } = await start('key')
  // NestJS' own, which has no types.
  const multer = createRequire(import.meta.resolve('@nestjs/platform-express'))('multer')()
  const parser = reads === 'any' ? multer.any() : multer.single('image')
  const server = express().use(parser, middleware(byok)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const { images } = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'unused', maxRetries: 0 })
  const image = await toFile(png(), 'fox.png', { type: 'image/png' })
  const { data } = await images.edit({ model: 'codex/gpt-image-2', image, prompt: 'add a red hat', n: 2 })
  expect(data).toHaveLength(2)
  expect(fake.requests.at(-1)?.json).toEqual({
    model: 'gpt-image-2',
    images: [{ image_url: `data:image/png;base64,${PNG}` }],
    prompt: 'add a red hat',
    n: 2,
  })
})

it('passes edits on as a form to a server of its own', async () => {
  const { fake, base, client } = await start('server')
  const [one, other] = await Promise.all(
    ['one', 'other'].map((name) => toFile(Buffer.from(`words for ${name}`), `${name}.webp`, { type: 'image/webp' })),
  )
  if (!one || !other) throw new Error('no files')
  const body = { model: 'local/gpt-image-2', prompt: 'add a red hat', n: 2 }
  expect((await client.images.edit({ ...body, image: one })).data).toHaveLength(2)
  await client.images.edit({ ...body, image: [one, other], mask: other })
  const [first, second] = await Promise.all(fake.requests.map(fieldsOfForm))
  const image = (name: string) => ({
    image_url: `data:image/webp;base64,${Buffer.from(`words for ${name}`).toString('base64')}`,
  })
  const fields = { ...body, model: 'gpt-image-2' }
  expect(first).toEqual({ ...fields, images: [image('one')] })
  expect(second).toEqual({ ...fields, images: [image('one'), image('other')], mask: image('other') })
  expect(fake.requests[0]?.text).toContain('name="image"')
  const named = fetch(`${base}/images/edits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, images: [{ file_id: 'file-1' }] }),
  })
  expect((await named).status).toBe(400)
})

it.each(['key', 'login'] as const)(
  'streams images that are not done yet, and counts what they cost (%s)',
  async (kind) => {
    const { byok, client } = await start(kind)
    const counted: unknown[] = []
    byok.hooks.hook('usage', ({ usage }) => void counted.push(usage))
    const body = { model: 'codex/gpt-image-2', prompt: 'a red fox', partial_images: 2, stream: true as const }
    const types: string[] = []
    for await (const event of await client.images.generate(body)) types.push(event.type)
    const partial = 'image_generation.partial_image'
    expect(types).toEqual([partial, partial, 'image_generation.completed'])
    expect(counted).toMatchObject([{ input: 17, output: 1372 }])
  },
)

it('gives on an image in one piece of a server that streams none', async () => {
  const answer = { created: 1, data: [{ b64_json: PNG }] }
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const local = { type: 'openai-compatible' as const, base_url: `http://127.0.0.1:${port}/v1` }
  const byok = await createIsolatedByok({ upstream: { retries: 0 }, providers: { local } })
  onTestFinished(async () => {
    await byok.close()
    server.close()
  })
  const { images } = new OpenAI({ baseURL: 'http://byok/v1', apiKey: 'unused', maxRetries: 0, fetch: byok.fetch })
  const whole = await images.generate({ model: 'local/flux', prompt: 'a red fox', stream: true }).asResponse()
  expect([whole.headers.get('content-type'), await whole.json()]).toEqual(['application/json', answer])
})

it('tells of a stream that ends before its image is done', async () => {
  const { fake, client } = await start('key')
  fake.say({ steps: [{ end: true }] })
  const body = { model: 'codex/gpt-image-2', prompt: 'a red fox', partial_images: 1, stream: true as const }
  const types: string[] = []
  const reading = (async () => {
    for await (const event of await client.images.generate(body)) types.push(event.type)
  })()
  await expect(reading).rejects.toThrow('ended its answer before it was complete')
  expect(types).toEqual(['image_generation.partial_image'])
})

it.each(['gemini', 'antigravity'] as const)('has a model that draws in chats draw (%s)', async (kind) => {
  const { fake, client } = await start(kind)
  const model = `${kind}/gemini-3.1-flash-image`
  const { data, response } = await client.images
    .generate({ model, prompt: 'a red fox', size: '1536x1024', quality: 'high' })
    .withResponse()
  expect(data).toMatchObject({
    data: [{ b64_json: PNG }],
    output_format: 'png',
    usage: { input_tokens: 9, input_tokens_details: { image_tokens: 0, text_tokens: 9 }, output_tokens: 4 },
  })
  expect(response.headers.get('x-byok-provider')).toBe(kind)
  const file = await toFile(png(), 'fox.png', { type: 'image/png' })
  await client.images.edit({ model, image: file, prompt: 'add a red hat', response_format: 'url' })
  const sent = JSON.stringify(fake.requests.at(-1)?.json)
  expect(sent).toContain(`{"inlineData":{"mimeType":"image/png","data":"${PNG}"}},{"text":"add a red hat"}`)
  expect(JSON.stringify(fake.requests.at(-2)?.json)).toContain('"imageConfig":{"aspectRatio":"3:2"}')
})

it('goes on from one who has the endpoint to one who draws in chats, and back', async () => {
  const [openai, gemini] = [await startOpenAIChat(), await startGemini()]
  const byok = await createIsolatedByok({
    upstream: { retries: 0 },
    models: {
      artist: ['codex/gpt-image-2', 'claude/claude-sonnet-4-5', 'gemini/gemini-3.1-flash-image'],
      painter: ['gemini/gemini-3.1-flash-image', 'codex/gpt-image-2'],
    },
    providers: {
      codex: { api_key: 'sk-test', base_url: openai.url },
      claude: { api_key: 'sk-ant-test', base_url: openai.url },
      gemini: { api_key: 'test-key', base_url: gemini.url },
    },
  })
  onTestFinished(async () => {
    await byok.close()
    await Promise.all([openai.close(), gemini.close()])
  })
  const { images } = new OpenAI({ baseURL: 'http://byok/v1', apiKey: 'unused', maxRetries: 0, fetch: byok.fetch })
  const servedBy = async (model: string, n: number) => {
    const { data, response } = await images.generate({ model, prompt: 'a red fox', n }).withResponse()
    expect(data.data).toHaveLength(n)
    return response.headers.get('x-byok-provider')
  }
  expect(await servedBy('artist', 1)).toBe('codex')
  expect(await servedBy('painter', 2)).toBe('codex')
  openai.fail({ kind: 'rate_limit', retryAfter: 60 })
  expect(await servedBy('artist', 1)).toBe('gemini')
})

it('says what cannot be drawn', async () => {
  const { fake, byok, client } = await start('gemini')
  const told: unknown[] = []
  byok.hooks.hook('response', ({ info: { status, outcome, error, usage } }) => {
    told.push({ status, outcome, error, input: usage?.input })
  })
  const model = 'gemini/gemini-3.1-flash-image'
  const draw = (more: object) => client.images.generate({ model, prompt: 'a red fox', ...more })
  await expect(draw({ n: 2 })).rejects.toMatchObject({ status: 400, code: 'unsupported_feature', param: 'n' })
  await expect(draw({ size: 'large' })).rejects.toMatchObject({ status: 400, param: 'size' })
  await expect(draw({ prompt: '' })).rejects.toMatchObject({ status: 400, param: 'prompt' })
  await expect(draw({ background: 'transparent' })).rejects.toMatchObject({ status: 400, param: 'background' })
  expect(fake.requests).toHaveLength(0)
  await expect(draw({ model: 'gemini/gemini-3-flash-preview' })).rejects.toMatchObject({ status: 400 })
  fake.say({ steps: [{ text: 'No.' }], finish: 'refusal' })
  await expect(draw({})).rejects.toMatchObject({
    status: 400,
    code: 'no_image',
    message: expect.stringContaining('(SAFETY)') as string,
  })
  // What was used is used all the same.
  expect(told.at(-1)).toEqual({ status: 400, outcome: 'error', error: 'no_image', input: 9 })
})

it('says who draws nothing, and what the vendor refuses', async () => {
  const claude = await start('claude')
  const drawing = claude.client.images.generate({ model: 'claude/claude-sonnet-4-5', prompt: 'a red fox' })
  await expect(drawing).rejects.toMatchObject({ status: 404, code: 'endpoint_not_offered' })
  expect(claude.fake.requests).toHaveLength(0)
  const openai = await start('key')
  const { images } = openai.client
  await expect(images.generate({ model: 'codex/gpt-image-2', prompt: '' })).rejects.toMatchObject({
    status: 400,
    code: 'missing_required_parameter',
  })
  const broken = await fetch(`${openai.base}/images/edits`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: 'no form',
  })
  expect(broken.status).toBe(400)
  expect(await broken.json()).toMatchObject({
    error: { message: expect.stringContaining('multipart/form-data') as string },
  })
})

it.each(['key', 'login', 'gemini'] as const)('draws for the AI SDK (%s)', async (kind) => {
  const { base } = await start(kind)
  const provider = createOpenAICompatible({ name: 'byok', baseURL: base, apiKey: 'unused' })
  const id = kind === 'gemini' ? 'gemini/gemini-3.1-flash-image' : 'codex/gpt-image-2'
  const { image } = await generateImage({ model: provider.imageModel(id), prompt: 'a red fox', size: '1024x1024' })
  expect(image.base64).toBe(PNG)
})
