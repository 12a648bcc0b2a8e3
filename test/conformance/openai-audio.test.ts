import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import OpenAI, { toFile } from 'openai'
import { expect, it, onTestFinished } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'
import { SAMPLES, WAV } from '../upstreams/gemini-render.ts'
import { formIn, SOUND, WORDS } from '../upstreams/openai-audio.ts'
import { KINDS, start } from './one-vendor.ts'

/* Speech, transcriptions and moderations, asked for by the unmodified `openai` client. */

/** byok before a server of one's own that answers everything so. */
async function startServer(answer: (response: ServerResponse) => void) {
  const server = createServer((request, response) => request.resume().on('end', () => answer(response)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const byok = await createIsolatedByok({
    upstream: { retries: 0 },
    providers: { local: { type: 'openai-compatible', base_url: `http://127.0.0.1:${port}/v1` } },
  })
  const listening = await listen(byok, { port: 0 })
  onTestFinished(async () => {
    await listening.close(0)
    await byok.close()
    server.close()
  })
  const counted: unknown[] = []
  byok.hooks.hook('usage', ({ usage }) => void counted.push(usage))
  return { client: new OpenAI({ baseURL: `${listening.url}/v1`, apiKey: 'unused', maxRetries: 0 }), counted }
}

const sentForm = async ({ requests: [first] }: FakeProvider) => first && (await formIn(first))
const recording = (name = 'fox.mp3') => toFile(Buffer.from('the sound of a fox'), name, { type: 'audio/mpeg' })

it.each(['key', 'server'] as const)('passes a recording on, and the words back (%s)', async (kind) => {
  const { fake, client, counted, named } = await start(kind)
  const { data, response } = await client.audio.transcriptions
    .create({
      file: await recording(),
      model: named('gpt-4o-transcribe'),
      language: 'en',
      temperature: 0.2,
      include: ['logprobs'],
    })
    .withResponse()
  expect(data).toMatchObject({ text: WORDS, usage: { type: 'tokens', input_tokens: 14 } })
  expect(response.headers.get('x-byok-provider')).toBe(KINDS[kind].provider)
  expect(await sentForm(fake)).toEqual({
    file: { name: 'fox.mp3', type: 'audio/mpeg', text: 'the sound of a fox' },
    model: 'gpt-4o-transcribe',
    language: 'en',
    temperature: '0.2',
    'include[]': ['logprobs'],
  })
  expect(counted).toMatchObject([{ input: 14, output: 31 }])
})

it.each(['whisper-1', 'gpt-transcribe', 'gpt-4o-mini-transcribe'])('knows %s for a model of OpenAI', async (model) => {
  const { fake, client } = await start('key')
  await client.audio.transcriptions.create({ file: await recording(), model })
  expect(await sentForm(fake)).toMatchObject({ model })
})

it('passes subtitles on as they are, and counts about what they took', async () => {
  const { fake, client, counted } = await start('key')
  const file = await recording()
  const asked = { file, model: 'whisper-1', timestamp_granularities: ['word' as const, 'segment' as const] }
  expect(await client.audio.transcriptions.create({ ...asked, response_format: 'srt' })).toBe(
    `1\n00:00:00,000 --> 00:00:02,500\n${WORDS}\n\n`,
  )
  expect(await client.audio.transcriptions.create({ ...asked, response_format: 'verbose_json' })).toMatchObject({
    duration: 2.5,
  })
  expect(await sentForm(fake)).toMatchObject({ 'timestamp_granularities[]': ['word', 'segment'] })
  const words = expect.toSatisfy((tokens: number) => tokens > 0)
  expect(counted).toMatchObject([
    { output: words, estimated: true },
    { output: words, estimated: true },
  ])
  const translated = await client.audio.translations.create({ file, model: 'whisper-1' })
  expect(translated).toMatchObject({ text: WORDS })
  expect(fake.requests.at(-1)?.path).toBe('/v1/audio/translations')
})

it('streams a transcription, and tells of one that ends too early', async () => {
  const { fake, client, counted } = await start('key')
  const asked = { file: await recording(), model: 'gpt-4o-transcribe', stream: true as const }
  let text = ''
  let whole = ''
  for await (const event of await client.audio.transcriptions.create(asked)) {
    if (event.type === 'transcript.text.delta') text += event.delta
    if (event.type === 'transcript.text.done') whole = event.text
  }
  expect([text, whole]).toEqual([WORDS, WORDS])
  expect(counted).toMatchObject([{ input: 14, output: 31 }])
  fake.say({ steps: [{ end: true }] })
  const heard: string[] = []
  const reading = (async () => {
    for await (const { type } of await client.audio.transcriptions.create(asked)) heard.push(type)
  })()
  await expect(reading).rejects.toThrow('ended its answer before it was complete')
  expect(heard).toEqual(Array.from({ length: 4 }, () => 'transcript.text.delta'))
})

it('gives on what comes in place of a stream, as OpenAI sends it of whisper-1', async () => {
  const { client, counted } = await start('key')
  const asked = { file: await recording(), model: 'whisper-1', stream: true as const }
  const whole = await client.audio.transcriptions.create(asked).asResponse()
  expect(whole.headers.get('content-type')).toBe('application/json')
  expect(await whole.json()).toMatchObject({ text: WORDS })
  const text = await client.audio.transcriptions.create({ ...asked, response_format: 'text' }).asResponse()
  expect(await text.text()).toBe(`${WORDS}\n`)
  expect(counted).toMatchObject([{ input: 14, output: 31 }, { estimated: true }])
  const server = await startServer((response) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(SOUND))
  const speech = await server.client.audio.speech.create({
    model: 'local/kokoro',
    voice: 'af_heart',
    input: 'Hello.',
    stream_format: 'sse',
  })
  expect(speech.headers.get('content-type')).toBe('audio/mpeg')
  expect(Buffer.from(await speech.arrayBuffer())).toEqual(SOUND)
})

it('streams what a server streams that reads more words for true than OpenAI', async () => {
  const done = `data: ${JSON.stringify({ type: 'transcript.text.done', text: WORDS })}\n\n`
  const { client } = await startServer((response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).end(done),
  )
  const body = new FormData()
  body.append('model', 'local/whisper')
  body.append('file', await recording())
  body.append('stream', 'True')
  const streamed = await fetch(`${client.baseURL}/audio/transcriptions`, { method: 'POST', body })
  expect(streamed.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(await streamed.text()).toBe(done)
})

it('gives on the text of whisper.cpp, which calls it a page', async () => {
  const { client } = await startServer((response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', server: 'whisper.cpp' }).end(` ${WORDS}\n`),
  )
  const asked = { file: await recording(), model: 'local/whisper', response_format: 'text' as const }
  const answer = await client.audio.transcriptions.create(asked).asResponse()
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await answer.text()).toBe(` ${WORDS}\n`)
})

it.each(['key', 'server'] as const)('passes speech on byte by byte (%s)', async (kind) => {
  const { fake, client, named } = await start(kind)
  const asked = { model: named('gpt-4o-mini-tts'), voice: 'alloy' as const, input: 'Hello.' }
  const speech = await client.audio.speech.create({ ...asked, response_format: 'wav', speed: 1.25 })
  expect(speech.headers.get('content-type')).toBe('audio/wav')
  expect(Buffer.from(await speech.arrayBuffer())).toEqual(SOUND)
  expect(fake.requests[0]?.json).toEqual({
    model: 'gpt-4o-mini-tts',
    voice: 'alloy',
    input: 'Hello.',
    response_format: 'wav',
    speed: 1.25,
  })
  const events = await client.audio.speech.create({ ...asked, stream_format: 'sse' })
  expect(await events.text()).toMatch(/"speech.audio.delta"[^]*"speech.audio.done"[^]*\n\n$/)
})

it('cuts speech off where the vendor does, for it has no words to say so', async () => {
  const { fake, byok, client } = await start('key')
  const told: unknown[] = []
  byok.hooks.hook('response', ({ info: { outcome, error } }) => void told.push({ outcome, error }))
  fake.say({ steps: [{ end: true }] })
  const asked = { model: 'tts-1', voice: 'alloy' as const, input: 'Hello.' }
  const speech = await client.audio.speech.create(asked)
  await expect(speech.arrayBuffer()).rejects.toThrow('terminated')
  expect(told).toEqual([{ outcome: 'error', error: 'upstream_stream_cut' }])
  // As a web stream, for hosts that have no response of Node's.
  const inProcess = new OpenAI({ baseURL: 'http://byok/v1', apiKey: 'unused', maxRetries: 0, fetch: byok.fetch })
  fake.say({ steps: [{ end: true }] })
  const cut = await inProcess.audio.speech.create(asked)
  await expect(cut.arrayBuffer()).rejects.toThrow()
  fake.fail({ kind: 'overloaded' })
  await expect(inProcess.audio.speech.create(asked)).rejects.toMatchObject({ status: 503 })
})

it('lets a client listen to what is there while the rest is made', async () => {
  let goOn = () => {}
  const { client } = await startServer((response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).write(SOUND)
    goOn = () => response.end(SOUND)
  })
  const { body } = await client.audio.speech.create({ model: 'local/kokoro', voice: 'af_heart', input: 'Hello.' })
  const heard: Buffer[] = []
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    heard.push(Buffer.from(piece))
    goOn()
  }
  expect(Buffer.concat(heard)).toEqual(Buffer.concat([SOUND, SOUND]))
  expect(heard.length).toBeGreaterThan(1)
})

it.each(['gemini', 'antigravity'] as const)('has a model that hears in chats write it down (%s)', async (kind) => {
  const { fake, client, counted, named } = await start(kind)
  fake.say({
    steps: [{ reasoning: ['A fox?'] }, { text: ['The quick ', 'brown fox.\n'] }],
    usage: { input: 120, output: 6 },
  })
  const model = named('gemini-3-flash')
  const asked = { file: await recording('fox.m4a'), model, language: 'en', prompt: 'foxes' }
  expect(await client.audio.transcriptions.create(asked)).toEqual({
    text: WORDS,
    usage: { type: 'tokens', input_tokens: 120, output_tokens: 6, total_tokens: 126 },
  })
  expect(counted).toMatchObject([{ input: 120, output: 6 }])
  const sent = JSON.stringify(fake.requests[0]?.json)
  const data = Buffer.from('the sound of a fox').toString('base64')
  expect(sent).toContain(`{"inlineData":{"mimeType":"audio/m4a","data":"${data}"}}`)
  expect(sent).toContain('The language is en.')
  expect(sent).toContain('foxes')
  fake.say({ steps: [{ text: [WORDS] }] })
  expect(await client.audio.transcriptions.create({ ...asked, response_format: 'text' })).toBe(`${WORDS}\n`)
})

it('says what cannot be had', async () => {
  const { client, fake, base } = await start('gemini')
  const { transcriptions, speech } = client.audio
  const model = 'gemini/gemini-2.5-flash'
  const file = await recording()
  const refused = { status: 400, code: 'unsupported_feature', param: 'response_format' }
  await expect(transcriptions.create({ file, model, response_format: 'srt' })).rejects.toMatchObject(refused)
  await expect(transcriptions.create({ file, model, temperature: Number.NaN })).rejects.toMatchObject({ status: 400 })
  await expect(transcriptions.create({ file, model, stream: true })).rejects.toMatchObject({ param: 'stream' })
  const unknown = await toFile(Buffer.from('?'), 'recording')
  await expect(transcriptions.create({ file: unknown, model })).rejects.toMatchObject({ status: 400, param: 'file' })
  await expect(speech.create({ model, voice: 'alloy', input: 'Hi' })).rejects.toMatchObject({
    status: 404,
    code: 'endpoint_not_offered',
  })
  const post = (body: FormData | string, type?: string) =>
    fetch(`${base}/audio/transcriptions`, {
      method: 'POST',
      body,
      ...(type !== undefined && { headers: { 'content-type': type } }),
    })
  const json = await post('{}', 'application/json')
  expect([json.status, await json.text()]).toEqual([400, expect.stringContaining('multipart/form-data')])
  const form = new FormData()
  form.append('model', model)
  form.append('file', 'no file')
  const noFile = await post(form)
  expect([noFile.status, await noFile.text()]).toEqual([400, expect.stringContaining('`file` must be a file')])
  expect(fake.requests).toHaveLength(0)
})

it.each([
  ['gemini-3.8-flash-tts', { text: 'Oui.', speechMetadata: { style: 'Whisper.' } }],
  ['gemini-2.5-flash-preview-tts', { text: 'Whisper: Oui.' }],
])('has Gemini speak in a chat (%s)', async (model, part) => {
  const { fake, client, counted } = await start('gemini')
  const asked = { model, voice: 'Puck', input: 'Oui.', instructions: 'Whisper.' }
  const spoken = await client.audio.speech.create(asked)
  expect(spoken.headers.get('content-type')).toBe('audio/wav')
  expect(Buffer.from(await spoken.arrayBuffer())).toEqual(WAV)
  expect(fake.requests.at(-1)).toMatchObject({
    path: `/v1beta/models/${model}:generateContent`,
    json: {
      contents: [{ role: 'user', parts: [part] }],
      generationConfig: {
        responseModalities: ['AUDIO'],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Puck' } } },
      },
    },
  })
  expect(counted).toMatchObject([{ input: 9, output: 4 }])
  const samples = await client.audio.speech.create({ ...asked, response_format: 'pcm' })
  expect(samples.headers.get('content-type')).toBe('audio/pcm')
  expect(Buffer.from(await samples.arrayBuffer())).toEqual(SAMPLES)
})

it.each([
  ['gemini-3.8-flash-lite-tts', 'Oui.'],
  ['gemini-3.1-flash-tts-preview', 'Say: Oui.'],
])('takes a voice that nobody chose for Google’s own, and tells older models to speak (%s)', async (model, text) => {
  const { fake, client, named } = await start('gemini')
  const asked = { model: named(model), input: 'Oui.', response_format: 'wav' as const }
  await client.audio.speech.create({ ...asked, voice: 'alloy' })
  const sent = fake.requests.at(-1)?.json
  expect(sent).toMatchObject({
    contents: [{ parts: [{ text }] }],
    generationConfig: { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } } },
  })
  await client.audio.speech.create({ ...asked, voice: { id: 'voice_made_1' } })
  expect(fake.requests.at(-1)?.json).toMatchObject({
    generationConfig: { speechConfig: { voiceConfig: { voice: 'voice_made_1' } } },
  })
})

it('says what Gemini does not speak', async () => {
  const { fake, client, named } = await start('gemini')
  const { speech } = client.audio
  const asked = { model: named('gemini-3.8-flash-tts'), voice: 'Kore', input: 'Oui.' }
  const refusal = { status: 400, code: 'unsupported_feature' }
  await expect(speech.create({ ...asked, response_format: 'mp3' })).rejects.toMatchObject({
    ...refusal,
    param: 'response_format',
    message: expect.stringContaining('wav and pcm') as string,
  })
  await expect(speech.create({ ...asked, speed: 1.5 })).rejects.toMatchObject({ ...refusal, param: 'speed' })
  const streamed = { ...asked, stream_format: 'sse' as const }
  await expect(speech.create(streamed)).rejects.toMatchObject({ ...refusal, param: 'stream_format' })
  await expect(speech.create({ ...asked, input: '' })).rejects.toMatchObject({ status: 400, param: 'input' })
  expect(fake.requests).toHaveLength(0)
  await expect(speech.create({ ...asked, voice: 'nova' })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('Allowed voice names are') as string,
  })
  for (const finish of ['length', 'refusal'] as const) {
    fake.say({ steps: [], finish })
    await expect(speech.create(asked)).rejects.toMatchObject({ status: 400, code: 'no_speech', param: 'input' })
  }
})

it('tells silence from what is kept back', async () => {
  const { client, fake, named } = await start('gemini')
  const asked = { file: await recording(), model: named('gemini-3-flash') }
  fake.say({ steps: [{ text: '' }] })
  expect(await client.audio.transcriptions.create(asked)).toMatchObject({ text: '' })
  fake.say({ steps: [], finish: 'refusal' })
  await expect(client.audio.transcriptions.create(asked)).rejects.toMatchObject({
    status: 400,
    code: 'no_transcription',
  })
})

it('says so where a provider hears nothing', async () => {
  const { client, fake } = await start('claude')
  const asked = { file: await recording(), model: 'claude/claude-sonnet-4-5' }
  await expect(client.audio.transcriptions.create(asked)).rejects.toMatchObject({
    status: 404,
    code: 'endpoint_not_offered',
  })
  expect(fake.requests).toHaveLength(0)
})

it('passes moderations on, by OpenAI’s own model where none is named', async () => {
  const { client, fake } = await start('key')
  expect(await client.moderations.create({ input: 'a fox' })).toMatchObject({ results: [{ flagged: false }] })
  expect(fake.requests[0]?.json).toEqual({ input: 'a fox', model: 'omni-moderation-latest' })
  await client.moderations.create({ input: ['a fox'], model: 'codex/omni-moderation-2024-09-26' })
  expect(fake.requests[1]?.json).toEqual({ input: ['a fox'], model: 'omni-moderation-2024-09-26' })
})
