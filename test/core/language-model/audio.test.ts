import { APICallError } from '@ai-sdk/provider'
import {
  createProviderRegistry,
  experimental_generateSpeech as generateSpeech,
  experimental_transcribe as transcribe,
} from 'ai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Byok } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/index.ts'
import { startGemini } from '../../upstreams/gemini.ts'
import { WAV } from '../../upstreams/gemini-render.ts'
import { formIn, SOUND, WORDS } from '../../upstreams/openai-audio.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { byokBefore } from './support.ts'

/* `generateSpeech` and `transcribe` of the AI SDK with models of byok's. */

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

/** What the SDK takes for a recording of MP3, by its first bytes. */
const audio = new Uint8Array([0xff, 0xfb, 0x90, 0x0a])

it('speaks: who served it, and what there is no field for', async () => {
  const model = createProviderRegistry({ byok }).speechModel('byok:codex/gpt-4o-mini-tts')
  const asked = { model, text: 'Hello.', voice: 'coral', instructions: 'Be cheerful.', speed: 1.5, language: 'en' }
  const { audio: sound, warnings, responses, providerMetadata } = await generateSpeech(asked)
  expect(Buffer.from(sound.uint8Array)).toEqual(SOUND)
  expect(warnings).toMatchObject([{ type: 'unsupported', feature: 'language' }])
  expect(responses[0]).toMatchObject({ modelId: 'codex/gpt-4o-mini-tts', headers: { 'x-byok-provider': 'codex' } })
  expect(providerMetadata['byok']).toMatchObject({ provider: 'codex' })
  expect(openai.requests.at(-1)?.json).toEqual({
    model: 'gpt-4o-mini-tts',
    input: 'Hello.',
    voice: 'coral',
    instructions: 'Be cheerful.',
    speed: 1.5,
  })
})

it('speaks in a chat with Gemini, whose sound is no MP3', async () => {
  const { audio: sound } = await generateSpeech({
    model: byok.speechModel('gemini/gemini-3.8-flash-tts'),
    text: 'Hello.',
  })
  expect([sound.mediaType, Buffer.from(sound.uint8Array)]).toEqual(['audio/wav', WAV])
})

it('writes down a recording, with what the answer tells of it', async () => {
  const options = { language: 'en', temperature: 0.5, response_format: 'verbose_json' }
  const { text, language, durationInSeconds, responses } = await transcribe({
    model: byok.transcriptionModel('codex/whisper-1'),
    audio,
    providerOptions: { byok: options },
  })
  expect({ text, language, durationInSeconds }).toEqual({ text: WORDS, language: 'en', durationInSeconds: 2.5 })
  expect(responses[0]?.headers).toMatchObject({ 'x-byok-provider': 'codex' })
  const sent = openai.requests.at(-1)
  expect(sent && (await formIn(sent))).toMatchObject({
    model: 'whisper-1',
    file: { name: 'audio.mp3', type: 'audio/mpeg' },
    temperature: '0.5',
    language: 'en',
  })
})

it('says what it cannot read, as a provider may be asked for subtitles', async () => {
  const model = byok.transcriptionModel('codex/whisper-1')
  const providerOptions = { byok: { extra: { response_format: 'srt' } } }
  await expect(transcribe({ model, audio, providerOptions, maxRetries: 0 })).rejects.toSatisfy(
    (error) => APICallError.isInstance(error) && error.statusCode === 502 && error.message.includes('no JSON'),
  )
})

it('has a model that hears in chats write one down', async () => {
  gemini.say({ steps: [{ text: WORDS }] })
  const model = byok.transcriptionModel('gemini/gemini-3-flash')
  expect((await transcribe({ model, audio })).text).toBe(WORDS)
  const data = Buffer.from(audio).toString('base64')
  expect(JSON.stringify(gemini.requests.at(-1)?.json)).toContain(`{"mimeType":"audio/mp3","data":"${data}"}`)
})

it('tells errors as those of the SDK', async () => {
  const speak = (more: object) =>
    generateSpeech({ model: byok.speechModel('codex/tts-1'), text: 'Hello.', maxRetries: 0, ...more })
  await expect(speak({ providerOptions: { byok: { sped: 2 } } })).rejects.toSatisfy(
    (error) => APICallError.isInstance(error) && error.statusCode === 400 && error.message.includes('sped'),
  )
  openai.fail({ kind: 'rate_limit' })
  await expect(speak({})).rejects.toSatisfy((error) => APICallError.isInstance(error) && error.isRetryable)
  const model = byok.speechModel('gemini/gemini-3-flash')
  await expect(speak({ model })).rejects.toSatisfy(
    (error) => APICallError.isInstance(error) && error.statusCode === 404,
  )
})
