import type { LanguageModelV3CallOptions } from '@ai-sdk/provider'
import { APICallError, Output, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'
import type { ModelMessage } from 'ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChatError } from '../../../src/index.ts'
import type { Byok } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/index.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { byokBefore } from './support.ts'

Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

const CLAUDE = 'claude/claude-sonnet-4-5'
const GPT = 'codex/gpt-4o'

let claude: FakeProvider
let openai: FakeProvider
let byok: Byok
beforeAll(async () => {
  ;[claude, openai] = await Promise.all([startAnthropic(), startOpenAIChat()])
  byok = await byokBefore({
    claude: { api_key: 'sk-ant-test', base_url: claude.url },
    codex: { api_key: 'sk-test', base_url: openai.url },
  })
})
afterAll(async () => {
  await byok.close()
  await Promise.all([claude.close(), openai.close()])
})

const look = tool({
  description: 'Looks somewhere.',
  inputSchema: jsonSchema<{ at: string }>({ type: 'object', properties: { at: { type: 'string' } }, required: ['at'] }),
  execute: ({ at }) => `the ${at} is blue`,
})

describe('byok.languageModel with the AI SDK', () => {
  it('generateText: text, usage, who served it', async () => {
    openai.say({ steps: [{ text: 'Hello' }], usage: { input: 9, output: 4, cachedInput: 2 } })
    const { text, usage, finishReason, response, providerMetadata } = await generateText({
      model: byok.languageModel(GPT),
      system: 'Be kind.',
      prompt: 'Hi',
      temperature: 0.5,
      maxOutputTokens: 50,
      providerOptions: { byok: { verbosity: 'low', extra: { logit_bias: { 1: 2 } } } },
    })
    expect({ text, finishReason }).toEqual({ text: 'Hello', finishReason: 'stop' })
    expect(usage).toMatchObject({ inputTokens: 9, outputTokens: 4, inputTokenDetails: { cacheReadTokens: 2 } })
    expect(response.headers).toMatchObject({ 'x-byok-provider': 'codex', 'x-byok-attempts': '1' })
    expect(providerMetadata?.['byok']).toMatchObject({ provider: 'codex' })
    expect(openai.requests.at(-1)?.json).toMatchObject({
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      temperature: 0.5,
      max_completion_tokens: 50,
      verbosity: 'low',
      logit_bias: { 1: 2 },
    })
  })

  it('streamText: tools are called and their results sent back, reasoning with its proof', async () => {
    claude.say({
      steps: [
        { reasoning: ['Let me ', 'look.'], signature: 'c2lnbmVk' },
        { text: 'I look.' },
        { toolCall: { id: 'toolu_1', name: 'look', arguments: ['{"at":', '"sky"}'] } },
      ],
      usage: { input: 20, output: 10 },
    })
    claude.say({ steps: [{ text: ['It is ', 'blue.'] }], usage: { input: 40, output: 5 } })
    const result = streamText({
      model: byok.languageModel(CLAUDE),
      prompt: 'What colour is the sky?',
      tools: { look },
      stopWhen: stepCountIs(3),
      maxOutputTokens: 3000,
      providerOptions: { byok: { reasoning: { budgetTokens: 2000 } } },
    })
    const kinds: string[] = []
    for await (const { type } of result.fullStream) if (kinds.at(-1) !== type) kinds.push(type)
    expect(kinds).toEqual([
      ...['start', 'start-step', 'reasoning-start', 'reasoning-delta', 'reasoning-end'],
      ...['text-start', 'text-delta', 'text-end'],
      ...['tool-input-start', 'tool-input-delta', 'tool-input-end', 'tool-call', 'tool-result', 'finish-step'],
      ...['start-step', 'text-start', 'text-delta', 'text-end', 'finish-step', 'finish'],
    ])
    expect(await result.text).toBe('It is blue.')
    expect((await result.steps)[0]?.reasoningText).toBe('Let me look.')
    expect(await result.totalUsage).toMatchObject({ inputTokens: 60, outputTokens: 15 })
    const [asked, answered] = claude.requests.slice(-2)
    expect(asked?.json).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 2000 } })
    expect(answered?.json).toMatchObject({
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Let me look.', signature: 'c2lnbmVk' },
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 'sky' } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] },
      ],
    })
  })

  it('structured output: the schema is sent, the answer parsed', async () => {
    const schema = jsonSchema<{ colour: string }>({
      type: 'object',
      properties: { colour: { type: 'string' } },
      required: ['colour'],
      additionalProperties: false,
    })
    openai.say({ steps: [{ text: ['{"colour":', '"blue"}'] }] })
    const { output } = await generateText({
      model: byok.languageModel(GPT),
      prompt: 'The sky?',
      output: Output.object({ schema, name: 'sky' }),
    })
    expect(output).toEqual({ colour: 'blue' })
    expect(openai.requests.at(-1)?.json).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'sky', strict: true } },
    })

    openai.say({ steps: [{ text: ['{"colour":', '"red"}'] }] })
    const { output: streamed } = streamText({
      model: byok.languageModel(GPT),
      prompt: 'The sun?',
      output: Output.object({ schema }),
    })
    expect(await streamed).toEqual({ colour: 'red' })
  })

  it('images, in what people say and in what tools find; cache marks', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    const messages: ModelMessage[] = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look', providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } } },
          { type: 'image', image: png },
        ],
      },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'toolu_1', toolName: 'look', input: { at: 'x' } }],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'toolu_1',
            toolName: 'look',
            output: {
              type: 'content',
              value: [
                { type: 'text', text: 'this' },
                { type: 'image-data', mediaType: 'image/png', data: png.toString('base64') },
              ],
            },
          },
        ],
      },
    ]
    claude.say({ steps: [{ text: 'A pixel.' }] })
    const { text } = await generateText({
      model: byok.languageModel(CLAUDE),
      messages,
      tools: { look },
      maxOutputTokens: 9,
    })
    expect(text).toBe('A pixel.')
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png.toString('base64') } }
    expect(claude.requests.at(-1)?.json).toMatchObject({
      messages: [
        { content: [{ type: 'text', text: 'Look', cache_control: { type: 'ephemeral' } }, image] },
        { role: 'assistant' },
        { content: [{ type: 'tool_result', content: [{ type: 'text', text: 'this' }, image] }] },
      ],
    })
  })

  it('errors are the SDK’s and byok’s own at once; it retries what may pass', async () => {
    openai.fail({ kind: 'overloaded', retryAfter: 0 })
    openai.say({ steps: [{ text: 'at last' }] })
    expect((await generateText({ model: byok.languageModel(GPT), prompt: 'Hi', maxRetries: 1 })).text).toBe('at last')

    openai.fail({ kind: 'context_length' })
    const failure = await generateText({ model: byok.languageModel(GPT), prompt: 'Hi' }).catch(
      (error: unknown) => error,
    )
    expect(APICallError.isInstance(failure)).toBe(true)
    expect(failure).toBeInstanceOf(ChatError)
    expect(failure).toMatchObject({ statusCode: 400, code: 'context_length_exceeded', isRetryable: false })

    const misspelt = generateText({
      model: byok.languageModel(GPT),
      prompt: 'Hi',
      providerOptions: { byok: { reasonning: {} } },
    })
    await expect(misspelt).rejects.toMatchObject({ status: 400, param: 'providerOptions.byok.reasonning' })
  })

  it('a stream that breaks says so and ends', async () => {
    claude.say({ steps: [{ text: 'half' }, { cut: true }] })
    const result = streamText({
      model: byok.languageModel(CLAUDE),
      prompt: 'Hi',
      maxOutputTokens: 9,
      onError: () => {},
    })
    const parts: { type: string; error?: unknown }[] = []
    for await (const part of result.fullStream) parts.push(part)
    expect(parts.find(({ type }) => type === 'error')?.error).toBeInstanceOf(ChatError)
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: 'error' })
  })

  it('an abort stops the provider', async () => {
    const abort = new AbortController()
    let open = () => {}
    claude.say({ steps: [{ text: 'one' }, { wait: new Promise<void>((resolve) => (open = resolve)) }] })
    const result = streamText({
      model: byok.languageModel(CLAUDE),
      prompt: 'Hi',
      maxOutputTokens: 9,
      abortSignal: abort.signal,
      onError: () => {},
    })
    for await (const { type } of result.fullStream) if (type === 'text-delta') abort.abort()
    expect(await claude.requests.at(-1)?.aborted).toBe(true)
    open()
  })

  it('a tool that only a provider has is a warning', async () => {
    openai.say({ steps: [{ text: 'No.' }] })
    const search = { type: 'provider', id: 'openai.web_search', name: 'web_search', args: {} } as const
    const { warnings } = await byok.languageModel(GPT).doGenerate({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Search' }] }],
      tools: [search],
    })
    expect(warnings).toEqual([{ type: 'unsupported', feature: 'provider-defined tool openai.web_search' }])
  })

  it('settings that the provider is not told are warnings, others are not', async () => {
    const settings = { seed: 1, presencePenalty: 0.5, frequencyPenalty: 0.5, topK: 5, temperature: 0.5, topP: 0.9 }
    const ask = async (model: string, options: object) => {
      const { warnings = [] } = await generateText({ model: byok.languageModel(model), prompt: 'Hi', ...options })
      return warnings.map((warning) => ('feature' in warning ? warning.feature : warning.type))
    }
    claude.say({ steps: [{ text: 'Hello' }] })
    expect(await ask(CLAUDE, { ...settings, maxOutputTokens: 64_000, stopSequences: ['END'] })).toEqual([
      ...['topP', 'presencePenalty', 'frequencyPenalty', 'seed'],
    ])
    openai.say({ steps: [{ text: 'Hello' }] })
    const reasoning = { byok: { reasoning: { effort: 'high' } } }
    expect(await ask(GPT, { ...settings, providerOptions: reasoning })).toEqual(['topK', 'reasoning'])
    openai.say({ steps: [{ text: 'Hello' }] })
    expect(await ask(GPT, { tools: { look }, toolChoice: 'auto', maxOutputTokens: 10, stopSequences: [] })).toEqual([])
  })

  it('warnings of a stream come before it', async () => {
    claude.say({ steps: [{ text: 'Hello' }] })
    const result = streamText({ model: byok.languageModel(CLAUDE), prompt: 'Hi', seed: 1 })
    await result.consumeStream()
    expect(await result.warnings).toEqual([
      { type: 'unsupported', feature: 'seed', details: 'claude-sonnet-4-5 was asked without it.' },
    ])
  })
})

/** What `ai` 7.0.173 hands a model of the SDK before it: its `asLanguageModelV4`. The types are of the SDK before, too. */
describe('byok.languageModel with AI SDK 7', () => {
  const ask = (options: object, model = CLAUDE) => {
    const given = { prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }], ...options }
    return byok.languageModel(model).doGenerate(given as LanguageModelV3CallOptions)
  }
  const user = (part: object) => ({ prompt: [{ role: 'user', content: [part] }] })
  const toolResult = (part: object) => ({
    prompt: [
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'toolu_1', toolName: 'look', input: {} }] },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'toolu_1', toolName: 'look', output: { type: 'content', value: [part] } },
        ],
      },
    ],
    tools: [{ type: 'function', name: 'look', inputSchema: { type: 'object' } }],
  })

  it.each([
    ['is asked for', { reasoning: 'high' }, true],
    ['is left to the provider', { reasoning: 'provider-default' }, false],
    [
      'is said nearer to the provider',
      { reasoning: 'high', providerOptions: { byok: { reasoning: { effort: 'none' } } } },
      false,
    ],
  ])('how hard to think %s', async (_, options, thinks) => {
    claude.say({ steps: [{ text: 'Hello' }] })
    await ask({ maxOutputTokens: 20_000, ...options })
    const { thinking } = claude.requests.at(-1)?.json as { thinking?: { type: string } }
    expect(thinking?.type === 'enabled').toBe(thinks)
  })

  const text = { type: 'text', text: 'a,b' }
  const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } }

  it('files that are texts, in what people say and in what tools find', async () => {
    claude.say({ steps: [{ text: 'Read.' }] })
    claude.say({ steps: [{ text: 'Read.' }] })
    await ask(user({ type: 'file', data: text, mediaType: 'text', filename: 'a.csv' }))
    expect(claude.requests.at(-1)?.json).toMatchObject({ messages: [{ content: [document] }] })
    await ask(toolResult({ type: 'file', data: text, mediaType: 'text/plain' }))
    expect(claude.requests.at(-1)?.json).toMatchObject({
      messages: [{}, {}, { content: [{ type: 'tool_result', content: [document] }] }],
    })
  })

  it('an image of which nobody knows the kind', async () => {
    claude.say({ steps: [{ text: 'Seen.' }] })
    await ask(user({ type: 'file', data: 'iVBORw0KGgo=', mediaType: 'image' }))
    expect(claude.requests.at(-1)?.json).toMatchObject({
      messages: [{ content: [{ type: 'image', source: { media_type: 'image/png' } }] }],
    })
  })

  it.each([
    [
      'ids of files by provider',
      user({ type: 'file', mediaType: 'image/png', data: { type: 'reference', reference: { openai: 'file-1' } } }),
    ],
    ['ids of files by provider', toolResult({ type: 'file-id', fileId: { openai: 'file-1' } })],
    ['`custom`', toolResult({ type: 'custom' })],
    ['`hologram`', toolResult({ type: 'hologram' })],
    [
      '`reasoning-file`',
      { prompt: [{ role: 'assistant', content: [{ type: 'reasoning-file', data: 'x', mediaType: 'image/png' }] }] },
    ],
  ])('%s are refused by name: %#', async (words, options) => {
    await expect(ask({ ...options })).rejects.toMatchObject({
      statusCode: 400,
      code: 'unsupported_feature',
      message: expect.stringContaining(words),
    })
  })

  it('a file’s id that is given under byok’s name', async () => {
    openai.say({ steps: [{ text: 'Read.' }] })
    const data = { type: 'reference', reference: { byok: 'file-1' } }
    await ask(user({ type: 'file', data, mediaType: 'application/pdf' }), GPT)
    expect(openai.requests.at(-1)?.json).toMatchObject({
      messages: [{ content: [{ type: 'file', file: { file_id: 'file-1' } }] }],
    })
  })
})
