import { APICallError } from '@ai-sdk/provider'
import { createProviderRegistry, customProvider, embed, embedMany, generateText } from 'ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChatError } from '../../../src/index.ts'
import type { Byok } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/index.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import { startQwen } from '../../upstreams/qwen.ts'
import { byokBefore } from './support.ts'

const VECTORS = 'qwen/text-embedding-v4'

let claude: FakeProvider
let qwen: FakeProvider
let byok: Byok
beforeAll(async () => {
  ;[claude, qwen] = await Promise.all([startAnthropic(), startQwen()])
  byok = await byokBefore({
    claude: { api_key: 'sk-ant-test', base_url: claude.url },
    qwen: { api_key: 'sk-qwen-test', base_url: qwen.url },
  })
})
afterAll(async () => {
  await byok.close()
  await Promise.all([claude.close(), qwen.close()])
})

describe('byok as a provider of the AI SDK', () => {
  it('serves a registry', async () => {
    const registry = createProviderRegistry({ byok })
    claude.say({ steps: [{ text: 'Hello' }] })
    const model = registry.languageModel('byok:claude/claude-sonnet-4-5')
    expect((await generateText({ model, prompt: 'Hi' })).text).toBe('Hello')
    const { embedding } = await embed({ model: registry.embeddingModel(`byok:${VECTORS}`), value: 'Hi' })
    expect(embedding).toEqual([0.5, -0.25])
  })

  it('stands behind a program’s own models', async () => {
    const provider = customProvider({
      languageModels: { fast: byok.languageModel('claude/claude-sonnet-4-5') },
      fallbackProvider: byok,
    })
    for (const name of ['fast', 'claude/claude-sonnet-4-5']) {
      claude.say({ steps: [{ text: 'Hello' }] })
      expect((await generateText({ model: provider.languageModel(name), prompt: 'Hi' })).text).toBe('Hello')
    }
    expect(provider.imageModel('qwen/any')).toMatchObject({ provider: 'byok', modelId: 'qwen/any' })
  })

  it('embeds many texts: usage, who served it, what the SDK has no word for', async () => {
    const { embeddings, usage, providerMetadata, responses } = await embedMany({
      model: byok.embeddingModel(VECTORS),
      values: ['Hi', 'Ho'],
      providerOptions: { byok: { dimensions: 2 } },
    })
    expect(embeddings).toHaveLength(2)
    expect(usage).toEqual({ tokens: 2 })
    expect(providerMetadata?.['byok']).toMatchObject({ provider: 'qwen' })
    expect(responses?.[0]?.headers).toMatchObject({ 'x-byok-provider': 'qwen' })
    expect(qwen.requests.at(-1)?.json).toEqual({
      model: 'text-embedding-v4',
      input: ['Hi', 'Ho'],
      encoding_format: 'float',
      dimensions: 2,
    })
  })

  it('reads the length of vectors where @ai-sdk/openai has it', async () => {
    const providerOptions = { openai: { dimensions: 2 } }
    await embed({ model: byok.embeddingModel(VECTORS), value: 'Hi', providerOptions })
    expect(qwen.requests.at(-1)?.json).toMatchObject({ dimensions: 2 })
  })

  it.each([
    [
      'a provider without embeddings',
      'claude/claude-sonnet-4-5',
      {},
      { statusCode: 404, code: 'endpoint_not_offered' },
    ],
    ['a model there is not', 'nobody', {}, { statusCode: 404, code: 'model_not_found' }],
    ['an option there is not', VECTORS, { size: 2 }, { statusCode: 400, param: 'providerOptions.byok.size' }],
  ])('refuses %s', async (_, name, options, fault) => {
    const failure: unknown = await embed({
      model: byok.embeddingModel(name),
      value: 'Hi',
      providerOptions: { byok: options },
      maxRetries: 0,
    }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ChatError)
    expect(APICallError.isInstance(failure)).toBe(true)
    expect(failure).toMatchObject(fault)
  })

  it('an abort is the signal’s reason', async () => {
    const reason = new Error('enough')
    const call = embed({ model: byok.embeddingModel(VECTORS), value: 'Hi', abortSignal: AbortSignal.abort(reason) })
    await expect(call).rejects.toBe(reason)
  })
})
