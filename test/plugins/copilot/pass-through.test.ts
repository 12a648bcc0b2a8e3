import { createOpenAI } from '@ai-sdk/openai'
import type { LanguageModelV3StreamPart } from '@ai-sdk/provider'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeSignature } from '../../../src/core/protocols/anthropic-messages/proof.ts'
import { sealProof } from '../../../src/core/protocols/openai-responses/envelope.ts'
import copilot from '../../../src/plugins/copilot/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { startCopilot } from '../../upstreams/copilot.ts'
import { runProvider } from '../run.ts'
import type { Json, Run } from '../run.ts'

/* Requests that a client wrote in the format that Copilot takes, by the vendor's own client. */

let fake: FakeProvider
let run: Run

beforeEach(async () => {
  fake = await startCopilot()
  run = await runProvider(copilot, {
    settings: {},
    login: { token: 'tid=fake;exp=1', metadata: { endpoint: fake.url } },
  })
  const [provider] = run.byok.registry.providers
  if (!provider) throw new Error('there is no provider')
  await run.byok.modelLists.refresh(provider)
})

afterEach(async () => {
  await run.close()
  await fake.close()
})

/** What another vendor wants back with its reasoning. */
const proof = { format: 'google-gemini-v1', signature: 'sig-1' } as const

const inProcess = (url: string | URL | Request, init?: RequestInit) => run.byok.fetch(new Request(url, init))
const sent = () => fake.requests.at(-1)?.json as Json

describe('@anthropic-ai/sdk in front of Claude', () => {
  const client = () =>
    new Anthropic({ baseURL: 'http://localhost', apiKey: 'none', maxRetries: 0, fetch: inProcess }).beta.messages

  /** What Claude Code 2.1 says in a request, as the reports name it that src/plugins/copilot/betas.ts cites. */
  const asClaudeCode: Anthropic.Beta.MessageCreateParamsNonStreaming = {
    model: 'claude-sonnet-4.6',
    max_tokens: 9000,
    betas: [
      'claude-code-20250219',
      'interleaved-thinking-2025-05-14',
      'context-management-2025-06-27',
      'prompt-caching-scope-2026-01-05',
      'context-1m-2025-08-07',
    ],
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    system: [
      { type: 'text', text: 'You are Claude Code.' },
      {
        type: 'text',
        text: 'Help.',
        cache_control: Object.assign({ type: 'ephemeral' as const }, { scope: 'global' }),
      },
    ],
    tools: [{ name: 'look_up', input_schema: { type: 'object' }, eager_input_streaming: true }],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] }],
  }

  it('hands on the betas that Copilot serves, and leaves out what the others ask for', async () => {
    expect(await client().create(asClaudeCode)).toMatchObject({ content: [{ text: 'Hello, world.' }] })
    expect(fake.requests.at(-1)).toMatchObject({
      path: '/v1/messages',
      headers: { 'anthropic-beta': 'interleaved-thinking-2025-05-14,context-management-2025-06-27' },
    })
    const { betas: _, ...body } = asClaudeCode
    expect(sent()).toEqual({
      ...body,
      system: [
        { type: 'text', text: 'You are Claude Code.' },
        { type: 'text', text: 'Help.', cache_control: { type: 'ephemeral' } },
      ],
      tools: [{ name: 'look_up', input_schema: { type: 'object' } }],
    })
  })

  it.each([
    ['a block', [{ type: 'text' as const, text: 'Be brief.' }]],
    ['nothing', undefined],
  ])("leaves out the line for Anthropic's accounting, which Copilot refuses, before %s", async (_, prompt) => {
    const line = 'x-anthropic-billing-header: cc_version=2.1.38.7b4; cc_entrypoint=cli; cch=eb6c6;'
    const system = [{ type: 'text' as const, text: line }, ...(prompt ?? [])]
    await client().create({ ...asClaudeCode, system })
    expect(sent()['system']).toEqual(prompt)
    await client().create({ ...asClaudeCode, system: `${line}\nBe brief.` })
    expect(sent()['system']).toBe('Be brief.')
  })

  it('leaves out how to save context where the client does not ask for that beta', async () => {
    await client().create({ ...asClaudeCode, betas: ['claude-code-20250219'] })
    expect(fake.requests.at(-1)?.headers).not.toHaveProperty('anthropic-beta')
    expect(sent()).not.toHaveProperty('context_management')
  })

  it('asks for the nearest effort that Copilot has, and asks for it at once from then on', async () => {
    const effort = { ...asClaudeCode, output_config: { effort: 'xhigh' as const } }
    for (const requests of [2, 3]) {
      expect(await client().create(effort)).toMatchObject({ content: [{ text: 'Hello, world.' }] })
      expect(sent()['output_config']).toEqual({ effort: 'high' })
      expect(fake.requests.filter(({ path }) => path === '/v1/messages')).toHaveLength(requests)
    }
  })

  it('flags the images within a document', async () => {
    const image = { type: 'base64' as const, media_type: 'image/png' as const, data: 'iVBORw0KGgo=' }
    const source = { type: 'content' as const, content: [{ type: 'image' as const, source: image }] }
    const content = [{ type: 'document' as const, source }]
    await client().create({ model: 'claude-sonnet-4.6', max_tokens: 100, messages: [{ role: 'user', content }] })
    expect(fake.requests.at(-1)?.headers).toMatchObject({ 'copilot-vision-request': 'true' })
  })

  it("goes on where another vendor's model began", async () => {
    const hello = { role: 'user' as const, content: 'Hi' }
    const thinking = { type: 'thinking' as const, thinking: 'Hm.', signature: writeSignature(proof) }
    const answer = { role: 'assistant' as const, content: [thinking, { type: 'text' as const, text: 'One' }] }
    await client().create({ model: 'claude-sonnet-4.6', max_tokens: 100, messages: [hello, answer, hello] })
    expect(sent()['messages']).toEqual([hello, { ...answer, content: answer.content.slice(1) }, hello])
  })
})

describe('openai in front of GPT', () => {
  it('tells the limit by its newest name', async () => {
    const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: inProcess })
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    await client.chat.completions.create({ model: 'gpt-5-mini', messages, max_tokens: 32_000 })
    expect(sent()).toEqual({ model: 'gpt-5-mini', messages, max_completion_tokens: 32_000 })
  })
})

describe('openai in front of GPT by responses', () => {
  it("goes on where another vendor's model began", async () => {
    const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: inProcess })
    const hello = { role: 'user' as const, content: 'Hi' }
    const answer = { role: 'assistant' as const, content: 'One' }
    const reasoning = {
      type: 'reasoning' as const,
      id: 'rs_1',
      summary: [],
      encrypted_content: sealProof(proof) ?? null,
    }
    await client.responses.create({ model: 'gpt-5.5', store: false, input: [hello, reasoning, answer, hello] })
    expect(fake.requests.at(-1)?.path).toBe('/responses')
    expect(sent()['input']).toEqual([hello, answer, hello])
  })

  it('streams items of one id each to the AI SDK, and takes them back without', async () => {
    const openai = createOpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', fetch: inProcess })
    const model = openai.responses('gpt-5.5')
    const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }]
    const options = { store: false, reasoningSummary: 'auto', include: ['reasoning.encrypted_content'] }
    fake.say({
      steps: [
        { reasoning: ['H', 'm.'] },
        { text: ['Let me ', 'see.'] },
        { toolCall: { id: 'call_1', name: 'look_up', arguments: ['{"a"', ':1}'] } },
      ],
    })
    const { stream } = await model.doStream({ prompt, providerOptions: { openai: options } })
    const parts: LanguageModelV3StreamPart[] = []
    for await (const part of stream) parts.push(part)
    expect(parts.filter(({ type }) => type === 'error')).toEqual([])
    const words = (type: string) => parts.map((part) => (part.type === type && 'delta' in part ? part.delta : ''))
    expect(words('reasoning-delta').join('')).toBe('Hm.')
    expect(words('text-delta').join('')).toBe('Let me see.')
    const said = parts.flatMap((part) => ('id' in part ? [part.id] : []))
    expect(new Set(said).size).toBe(4)
    expect(Math.max(...said.map((id) => id?.length ?? 0))).toBeLessThanOrEqual(64)
  })

  it('takes no ids of items back', async () => {
    const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: inProcess })
    const hello = { role: 'user' as const, content: 'Hi' }
    const asked = { model: 'gpt-5.5', store: false, include: ['reasoning.encrypted_content' as const] }
    for (const stream of [true, false]) {
      fake.say({ steps: [{ reasoning: 'Hm.' }, { text: 'One' }] })
      const output: OpenAI.Responses.ResponseOutputItem[] = []
      if (stream) {
        for await (const event of await client.responses.create({ ...asked, input: [hello], stream })) {
          if (event.type === 'response.completed') output.push(...event.response.output)
        }
      } else output.push(...(await client.responses.create({ ...asked, input: [hello] })).output)
      expect(output.map(({ type }) => type)).toEqual(['reasoning', 'message'])
      await client.responses.create({ ...asked, input: [hello, ...output, hello] as OpenAI.Responses.ResponseInput })
      expect(sent()['input']).toMatchObject([hello, { type: 'reasoning' }, { type: 'message' }, hello])
    }
  })

  it('is told of a picture that was drawn elsewhere in words, for its id is none of the connection', async () => {
    const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: inProcess })
    const hello = { role: 'user' as const, content: 'Hi' }
    const picture = { type: 'image_generation_call' as const, id: 'ig_1', status: 'completed' as const, result: 'iVBO' }
    await client.responses.create({ model: 'gpt-5.5', store: false, input: [hello, picture, hello] })
    expect(sent()['input']).toEqual([hello, { role: 'assistant', content: '[image_generation_call]' }, hello])
  })

  it('is not told of reasoning that is an id alone', async () => {
    const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: inProcess })
    const hello = { role: 'user' as const, content: 'Hi' }
    const thought = { type: 'reasoning' as const, id: `rs_${'1'.repeat(48)}`, summary: [] }
    const said = { role: 'assistant' as const, content: 'Well.' }
    for (const hooked of [false, true]) {
      if (hooked) run.byok.hooks.hook('chat', () => {})
      await client.responses.create({ model: 'gpt-5.5', input: [hello, thought, said, hello] })
      expect(sent()['input']).toMatchObject([{ role: 'user' }, { role: 'assistant' }, { role: 'user' }])
    }
  })

  it('keeps the login where it refuses the id of an item, whoever asks', async () => {
    const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: inProcess })
    const hello = { role: 'user' as const, content: 'Hi' }
    const input = [hello, { type: 'item_reference' as const, id: 'msg_1' }, hello]
    await expect(client.responses.create({ model: 'gpt-5.5', store: false, input })).rejects.toMatchObject({
      status: 400,
      param: 'input',
      message: expect.stringMatching(
        /does not belong to this connection\. Send each item .* without its id\./,
      ) as string,
    })
    const { output_text: answer } = await client.responses.create({ model: 'gpt-5.5', store: false, input: [hello] })
    expect(answer).toBe('Hello, world.')
  })

  it('is not offered the tools that Codex would draw with, nor asked to store', async () => {
    const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: inProcess })
    const parameters = { type: 'object', properties: {} }
    const shell = { type: 'function' as const, name: 'shell', parameters, strict: false }
    const drawing = { type: 'namespace', name: 'image_gen', description: '', tools: [{ ...shell, name: 'imagegen' }] }
    const tools = [shell, { type: 'image_generation' }, drawing] as OpenAI.Responses.Tool[]
    await client.responses.create({ model: 'gpt-5.5', store: true, input: 'Hi', tools })
    expect(sent()).toEqual({ model: 'gpt-5.5', input: 'Hi', tools: [shell] })
    const alone = client.responses.create({ model: 'gpt-5.5', input: 'Draw', tools: [{ type: 'image_generation' }] })
    await expect(alone).rejects.toThrow(/image_generation is not supported/)
  })

  it('is shown images in as much detail as Copilot knows', async () => {
    const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: inProcess })
    const image = { type: 'input_image' as const, image_url: 'data:image/png;base64,iVBORw0KGgo=' }
    const shown = (detail: 'original' | 'high' | 'low') => [
      { role: 'user' as const, content: [{ ...image, detail }] },
      { type: 'function_call' as const, call_id: 'c1', name: 'view_image', arguments: '{}' },
      { type: 'function_call_output' as const, call_id: 'c1', output: [{ ...image, detail }] },
    ]
    for (const hooked of [false, true]) {
      if (hooked) run.byok.hooks.hook('chat', () => {})
      await client.responses.create({ model: 'gpt-5.5', store: false, input: shown('original') })
      expect(sent()['input']).toMatchObject(shown('high'))
      await client.responses.create({ model: 'gpt-5.5', store: false, input: shown('low') })
      expect(sent()['input']).toMatchObject(shown('low'))
    }
    await client.responses.create({ model: 'gpt-4.1', input: shown('original').slice(0, 1) })
    expect(JSON.stringify(sent()['messages'])).toContain('"detail":"high"')
  })

  it('is not told the notes that Codex makes for OpenAI', async () => {
    const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: inProcess })
    const hello = { role: 'user' as const, content: 'Hi' }
    const noted = { ...hello, internal_chat_message_metadata_passthrough: { turn_id: 'turn-1' } }
    await client.responses.create({ model: 'gpt-5.5', store: false, input: [noted] })
    expect(sent()['input']).toEqual([hello])
    run.byok.hooks.hook('chat', () => {})
    await client.responses.create({ model: 'gpt-5.5', store: false, input: [noted] })
    expect(JSON.stringify(sent()['input'])).not.toContain('internal_chat')
  })
})
