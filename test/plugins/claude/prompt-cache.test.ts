import { afterEach, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import claude from '../../../src/plugins/claude/index.ts'
import { executor } from '../../../src/plugins/claude/executor.ts'
import type { ExecutorContext } from '../../../src/core/plugin/plugin.ts'
import type { Json } from '../../upstreams/anthropic-check.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import { runProvider } from '../run.ts'

const model = 'claude-sonnet-4-5'
const EPHEMERAL = { type: 'ephemeral' }
const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }]
const again = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello' },
  { role: 'user', content: 'What is new?' },
]

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

/** What Anthropic was sent for a chat completion. */
async function sent(body: Json, settings: Json = { prompt_cache: true }): Promise<Json> {
  const fake = await startAnthropic()
  open.push(fake)
  const run = await runProvider(claude, { settings: { base_url: fake.url, api_key: 'sk-ant-test', ...settings } })
  open.push(run)
  expect((await run.chat({ model, ...body })).status).toBe(200)
  return fake.requests[0]?.json as Json
}

describe('the prompt cache', () => {
  it('is used for a conversation that goes on, or that tools may bring back', async () => {
    expect(await sent({ messages: again })).toMatchObject({ cache_control: EPHEMERAL })
    expect(await sent({ tools })).toMatchObject({ cache_control: EPHEMERAL })
  })

  it('has a place after the system prompt too, for the next conversation', async () => {
    const system = ['Be brief.', 'Be kind.'].map((content) => ({ role: 'system', content }))
    expect(await sent({ messages: [...system, ...again] })).toMatchObject({
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Be kind.', cache_control: EPHEMERAL },
      ],
      cache_control: EPHEMERAL,
    })
  })

  it('is not written to for a question that is asked once', async () => {
    expect(await sent({})).not.toHaveProperty('cache_control')
  })

  it('is left to a client that knows breakpoints', async () => {
    const content = [{ type: 'text', text: 'Hi', cache_control: EPHEMERAL }]
    expect(await sent({ messages: [{ role: 'user', content }], tools })).not.toHaveProperty('cache_control')
    const [tool] = tools
    expect(await sent({ tools: [{ ...tool, cache_control: EPHEMERAL }] })).not.toHaveProperty('cache_control')
    const hour = { type: 'ephemeral', ttl: '1h' }
    expect(await sent({ tools, cache_control: hour })).toMatchObject({ cache_control: hour })
    const messages = [{ role: 'system', content: 'Be brief.' }, ...again]
    expect((await sent({ messages, cache_control: hour }))['system']).toEqual([{ type: 'text', text: 'Be brief.' }])
  })

  it('is not used where config says so, and at other servers only where config does', async () => {
    expect(await sent({ tools }, { prompt_cache: false })).not.toHaveProperty('cache_control')
    expect(await sent({ tools }, {})).not.toHaveProperty('cache_control')
  })

  it.each([
    ['a key', { kind: 'api_key', key: new Secret('sk-ant-test') }],
    ['a login', { kind: 'oauth', account: 'me', accessToken: new Secret('t'), metadata: {} }],
  ])("is used at Anthropic's own endpoint with %s", async (_, credential) => {
    const bodies: unknown[] = []
    const chat = { protocol: 'openai-chat', model, messages: [{ role: 'assistant', content: [] }] }
    const context = (config: Json, protocol = 'openai-chat') =>
      ({
        request: { model, body: { messages: [] }, stream: false, chat: { ...chat, protocol } },
        credential,
        config,
        fetch: async (_url: string, { body }: Json) => void bodies.push(JSON.parse(String(body))),
      }) as unknown as ExecutorContext
    await executor(context({}))
    await executor(context({ base_url: 'https://api.anthropic.com', oauth_base_url: 'https://api.anthropic.com' }))
    await executor(context({ prompt_cache: false }))
    // Of a hook that looks at Anthropic's own clients.
    await executor(context({}, 'anthropic-messages'))
    expect(bodies).toEqual([
      { messages: [], cache_control: EPHEMERAL },
      { messages: [], cache_control: EPHEMERAL },
      { messages: [] },
      { messages: [] },
    ])
  })
})
