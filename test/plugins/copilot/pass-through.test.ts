import Anthropic from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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

  it('leaves out how to save context where the client does not ask for that beta', async () => {
    await client().create({ ...asClaudeCode, betas: ['claude-code-20250219'] })
    expect(fake.requests.at(-1)?.headers).not.toHaveProperty('anthropic-beta')
    expect(sent()).not.toHaveProperty('context_management')
  })
})
