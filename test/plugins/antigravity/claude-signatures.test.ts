import OpenAI from 'openai'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listen } from '../../../src/adapters/listen.ts'
import { createByok, createMemoryTokenStore, Secret } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import { startAntigravity } from '../../upstreams/antigravity.ts'
import { claudeSignature, doubled, envelopedSignature } from '../../upstreams/claude-signatures.ts'
import type { Json } from '../run.ts'

/* One conversation of which Claude has a part at Anthropic and a part at Antigravity. */

const signature = claudeSignature()

let claude: FakeProvider
let antigravity: FakeProvider
let client: OpenAI
let close: () => Promise<void>

beforeEach(async () => {
  claude = await startAnthropic({ issued: { [signature]: 'Hm.' } })
  antigravity = await startAntigravity()
  const store = createMemoryTokenStore()
  await store.put({
    provider: 'antigravity',
    account: 'me',
    kind: 'oauth',
    tokens: { accessToken: new Secret('test-token') },
    metadata: { project_id: 'test-project' },
  })
  const byok = await createByok({
    configFiles: false,
    env: {},
    store,
    upstream: { retries: 0 },
    log: { level: 'silent' },
    providers: {
      claude: { api_key: 'sk-ant-test', base_url: claude.url },
      antigravity: { oauth_base_url: antigravity.url },
    },
  })
  const listening = await listen(byok, { port: 0 })
  client = new OpenAI({ baseURL: `${listening.url}/v1`, apiKey: 'unused', maxRetries: 0 })
  close = async () => {
    await listening.close(0)
    await byok.close()
    await store.close()
  }
})

afterEach(async () => {
  await close()
  await claude.close()
  await antigravity.close()
})

const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'find',
      parameters: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
    },
  },
]
const question: OpenAI.ChatCompletionMessageParam = { role: 'user', content: 'Find' }

async function ask(model: string, ...more: OpenAI.ChatCompletionMessageParam[]) {
  const body = { model, messages: [question, ...more], tools, reasoning_effort: 'high' as const }
  const { choices } = await client.chat.completions.create(body)
  if (!choices[0]) throw new Error('no choice')
  return choices[0].message
}

const result: OpenAI.ChatCompletionMessageParam = { role: 'tool', tool_call_id: 'c1', content: 'found' }
const call = (proof: string) => ({
  steps: [{ reasoning: 'Hm.', signature: proof }, { toolCall: { id: 'c1', name: 'find', arguments: '{"a":"1"}' } }],
})
const sent = (fake: FakeProvider) => fake.requests.at(-1)?.json as Json

it('goes on at Antigravity when Claude is at its limit, in the middle of a turn', async () => {
  claude.say(call(signature))
  const first = await ask('claude-sonnet-4-6')
  expect(claude.requests).toHaveLength(1)

  claude.fail({ kind: 'rate_limit', retryAfter: 60 })
  antigravity.say({ steps: [{ text: 'Done.' }] })
  expect((await ask('claude-sonnet-4-6', first, result)).content).toBe('Done.')
  const { contents, generationConfig } = sent(antigravity)['request'] as Json
  expect(contents[1].parts[0]).toEqual({ text: 'Hm.', thought: true, thoughtSignature: doubled(signature) })
  expect(generationConfig.thinkingConfig.includeThoughts).toBe(true)
})

it('goes on at Anthropic with what Antigravity signed', async () => {
  antigravity.say(call(signature))
  const first = await ask('antigravity/claude-sonnet-4-6')
  expect(first).toMatchObject({ reasoning_details: [{ text: 'Hm.', signature, format: 'anthropic-claude-v1' }] })

  claude.say({ steps: [{ text: 'Done.' }] })
  expect((await ask('claude/claude-sonnet-4-6', first, result)).content).toBe('Done.')
  expect(sent(claude)['messages'][1].content[0]).toEqual({ type: 'thinking', thinking: 'Hm.', signature })
})

it('leaves out at Antigravity what it takes no proof of, and does not think where that led to the calls', async () => {
  claude.say(call(envelopedSignature()))
  const first = await ask('claude/claude-sonnet-4-6')
  antigravity.say({ steps: [{ text: 'Done.' }] })
  expect((await ask('antigravity/claude-sonnet-4-6', first, result)).content).toBe('Done.')
  const { contents, generationConfig } = sent(antigravity)['request'] as Json
  expect(contents[1].parts).toEqual([{ functionCall: { id: 'c1', name: 'find', args: { a: '1' } } }])
  expect(generationConfig?.thinkingConfig).toBeUndefined()

  antigravity.say({ steps: [{ text: 'Again.' }] })
  await ask('antigravity/claude-sonnet-4-6', first, result, { role: 'assistant', content: 'Done.' }, question)
  expect(sent(antigravity)['request'].generationConfig.thinkingConfig).toBeDefined()
})

it('goes on at Anthropic without what Antigravity signed of Claude 5.5, and at Antigravity with it', async () => {
  const proof = doubled(envelopedSignature())
  antigravity.say(call(proof))
  const first = await ask('antigravity/claude-opus-5-5-high')
  antigravity.say({ steps: [{ text: 'Done.' }] })
  expect((await ask('antigravity/claude-opus-5-5-high', first, result)).content).toBe('Done.')
  const { contents } = sent(antigravity)['request'] as Json
  expect(contents[1].parts[0]).toEqual({ text: 'Hm.', thought: true, thoughtSignature: proof })

  claude.say({ steps: [{ text: 'Done.' }] })
  expect((await ask('claude/claude-opus-5-5', first, result)).content).toBe('Done.')
  expect(sent(claude)['messages'][1].content).toEqual([{ type: 'tool_use', id: 'c1', name: 'find', input: { a: '1' } }])
})

it("goes on at Anthropic without it for Anthropic's own clients too", async () => {
  const messages = [
    { role: 'user', content: 'Hi' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: doubled(envelopedSignature()) },
        { type: 'text', text: 'Hello.' },
      ],
    },
    { role: 'user', content: 'Go on' },
  ]
  claude.say({ steps: [{ text: 'Done.' }] })
  const response = await fetch(`${client.baseURL}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude/claude-opus-5-5', max_tokens: 100, messages }),
  })
  expect(response.status).toBe(200)
  expect(sent(claude)['messages'][1].content).toEqual([{ type: 'text', text: 'Hello.' }])
})
