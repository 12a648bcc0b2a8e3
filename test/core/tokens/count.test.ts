import { describe, expect, it, onTestFinished } from 'vitest'
import { apiKey, anthropicMessages, ChatError, definePlugin } from '../../../src/index.ts'
import type { Byok, ByokHooks } from '../../../src/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { FakeServer } from '../../../src/testing/fake-server.ts'
import { startByok } from '../exchange/support.ts'

/* Which account counts a request's tokens, and that how it fares there is not held against it. */

async function startCounting(status: () => number): Promise<FakeServer> {
  const server = await startFakeServer((request, reply) => {
    if (request.path === '/v1/messages') {
      const content = [{ type: 'text', text: 'Hello' }]
      const usage = { input_tokens: 1, output_tokens: 1 }
      return reply.json(200, {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content,
        stop_reason: 'end_turn',
        usage,
      })
    }
    if (status() === 200) return reply.json(200, { input_tokens: 42 })
    return reply.json(status(), { type: 'error', error: { type: 'rate_limit_error', message: 'no' } })
  })
  onTestFinished(() => server.close())
  return server
}

async function call(byok: Byok, path: string) {
  const response = await byok.fetch(
    new Request(`http://localhost/v1/${path}`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'claude/claude-sonnet-4-5',
        max_tokens: 9,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    }),
  )
  return {
    status: response.status,
    headers: response.headers,
    json: (await response.json()) as { input_tokens?: number },
  }
}

it('asks the next account where one cannot say, and estimates where none can', async () => {
  const status = { a: 429, b: 200 }
  const [a, b] = [await startCounting(() => status.a), await startCounting(() => status.b)]
  const key = ({ url }: FakeServer, label: string) => ({ key: `sk-ant-${label}`, label, base_url: url })
  const byok = await startByok({ providers: { claude: { api_keys: [key(a, 'a'), key(b, 'b')] } } })

  const counted = await call(byok, 'messages/count_tokens')
  expect(counted.json).toEqual({ input_tokens: 42 })
  expect(counted.headers.get('x-byok-account')).toBe('b')

  // Limits of counts are their own: the account still serves chats.
  expect((await call(byok, 'messages')).headers.get('x-byok-account')).toBe('a')

  status.b = 500
  const guessed = await call(byok, 'messages/count_tokens')
  expect(guessed.status).toBe(200)
  expect(guessed.headers.get('x-byok-estimated')).toBe('true')

  status.b = 400
  expect((await call(byok, 'messages/count_tokens')).status).toBe(400)
})

describe('what is counted', () => {
  const ENDPOINTS = [
    ['messages/count_tokens', { messages: [{ role: 'user', content: 'secret' }] }],
    ['responses/input_tokens', { input: 'secret' }],
    ['/v1beta/models/acme%2Fm:countTokens', { contents: [{ role: 'user', parts: [{ text: 'secret' }] }] }],
    [
      '/v1beta/models/acme%2Fm:countTokens',
      { generateContentRequest: { contents: [{ role: 'user', parts: [{ text: 'secret' }] }] } },
    ],
  ] as const

  async function count(hooks: Partial<ByokHooks>, [path, body]: readonly [string, object], model = 'acme/m') {
    const sent: string[] = []
    const acme = definePlugin({
      name: 'acme',
      models: ['m'],
      auth: [apiKey({ optional: true })],
      translator: anthropicMessages({ provider: 'Acme' }),
      executor: () => Promise.reject(new Error('no chat was asked for')),
      countTokens: ({ request }) => {
        sent.push(JSON.stringify(request.body))
        return Promise.resolve(7)
      },
    })
    const byok = await startByok({ plugins: [acme, definePlugin({ name: 'looks', hooks })] })
    const response = await byok.fetch(new URL(path, 'http://localhost/v1/'), {
      method: 'POST',
      body: JSON.stringify({ model, ...body }),
      headers: { 'content-type': 'application/json' },
    })
    return { status: response.status, text: await response.text(), sent }
  }

  it.each(ENDPOINTS)('is what plugins leave of it: %s', async (...endpoint) => {
    const { status, text, sent } = await count(
      {
        chat: ({ chat }) => {
          for (const { content } of chat.messages) {
            for (const part of content) if (part.type === 'text') part.text = 'nothing'
          }
        },
      },
      endpoint,
    )
    expect(status).toBe(200)
    expect(text).toContain('7')
    expect(sent).toEqual([expect.stringContaining('nothing')])
    expect(sent[0]).not.toContain('secret')
  })

  it.each(ENDPOINTS)('is refused where a plugin refuses requests: %s', async (...endpoint) => {
    for (const hook of ['request', 'chat'] as const) {
      const refuse = () => {
        throw new ChatError('Not today.', { status: 403 })
      }
      const { status, text, sent } = await count({ [hook]: refuse }, endpoint)
      expect({ status, sent }).toEqual({ status: 403, sent: [] })
      expect(text).toContain('Not today.')
    }
  })

  it('is of the model that a plugin names', async () => {
    const rename: ByokHooks['request'] = ({ body }) => void (body['model'] = 'acme/m')
    const { text, sent } = await count({ request: rename }, ENDPOINTS[0], 'best')
    expect(JSON.parse(text)).toEqual({ input_tokens: 7 })
    expect(sent).toHaveLength(1)
  })
})
