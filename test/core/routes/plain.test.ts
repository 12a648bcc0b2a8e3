import { expect, it, onTestFinished } from 'vitest'
import { createMemoryTokenStore, Secret } from '../../../src/index.ts'
import type { Byok } from '../../../src/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { RecordedRequest } from '../../../src/testing/fake-server.ts'
import { ask, startByok } from '../exchange/support.ts'

/* Embeddings and completions by the accounts that chats go by: order, rests, failover, budgets, usage. */

/** An account of a server that has both endpoints, and does what `answer` says. */
interface PlainAccount {
  answer: 'ok' | 'spent' | 'cut' | 'misled'
  url: string
  requests: RecordedRequest[]
}

async function startPlain(): Promise<PlainAccount> {
  const account: PlainAccount = { answer: 'ok', url: '', requests: [] }
  const server = await startFakeServer(async (request, reply) => {
    if (account.answer === 'spent') {
      const error = { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' }
      return reply.json(429, { error }, { 'retry-after': '60' })
    }
    // LM Studio's answer to any path that it does not have: lmstudio-ai/lmstudio-bug-tracker issue 618.
    if (account.answer === 'misled') {
      return reply.json(200, { error: `Unexpected endpoint or method. (POST ${request.path})` })
    }
    const body = request.json as { stream?: boolean; stream_options?: { include_usage?: boolean } }
    const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }
    if (request.path.endsWith('/embeddings')) {
      const data = [{ object: 'embedding', index: 0, embedding: [1] }]
      return reply.json(200, { object: 'list', data, model: 'm', usage: { prompt_tokens: 7, total_tokens: 7 } })
    }
    const chunk = (choices: object[], more = {}) => ({ id: 'cmpl-1', object: 'text_completion', choices, ...more })
    const choice = (text: string, finish_reason: string | null) => ({ index: 0, text, finish_reason, logprobs: null })
    if (!body.stream) return reply.json(200, chunk([choice('Hello', 'stop')], { usage }))
    reply.begin(200, { 'content-type': 'text/event-stream' })
    await reply.write(`data: ${JSON.stringify(chunk([choice('Hel', null)]))}\n\n`)
    if (account.answer === 'cut') return reply.end()
    await reply.write(`data: ${JSON.stringify(chunk([choice('lo', 'stop')]))}\n\n`)
    if (body.stream_options?.include_usage) await reply.write(`data: ${JSON.stringify(chunk([], { usage }))}\n\n`)
    await reply.write('data: [DONE]\n\n')
    reply.end()
  })
  onTestFinished(() => server.close())
  return Object.assign(account, { url: server.url, requests: server.requests })
}

const keyOf = ({ url }: PlainAccount, label: string) => ({ key: `sk-${label}`, label, base_url: `${url}/v1` })

async function call(byok: Byok, path: string, body: object, headers: Record<string, string> = {}) {
  const response = await byok.fetch(
    new Request(`http://localhost/v1/${path}`, {
      method: 'POST',
      body: JSON.stringify({ model: 'codex/some-model', ...body }),
      headers: { 'content-type': 'application/json', ...headers },
    }),
  )
  const text = await response.text()
  return { status: response.status, account: response.headers.get('x-byok-account'), text }
}

it('goes to the next account where one is spent, and leaves that one alone', async () => {
  const [a, b] = [await startPlain(), await startPlain()]
  const byok = await startByok({ providers: { codex: { api_keys: [keyOf(a, 'a'), keyOf(b, 'b')] } } })
  a.answer = 'spent'
  for (let times = 0; times < 3; times++) {
    expect(await call(byok, 'embeddings', { input: 'Hi' })).toMatchObject({ status: 200, account: 'b' })
    expect(await call(byok, 'completions', { prompt: 'Hi' })).toMatchObject({ status: 200, account: 'b' })
  }
  expect([a.requests.length, b.requests.length]).toEqual([1, 6])
  b.answer = 'spent'
  expect(await call(byok, 'embeddings', { input: 'Hi' })).toMatchObject({
    status: 429,
    text: expect.stringContaining('all_accounts_spent') as string,
  })
})

it.each([
  ['embeddings', { input: 'Hi' }],
  ['moderations', { input: 'Hi' }],
  ['images/generations', { prompt: 'Hi' }],
  ['completions', { prompt: 'Hi' }],
  ['completions', { prompt: 'Hi', stream: true }],
  ['chat/completions', { messages: [{ role: 'user', content: 'Hi' }] }],
])('takes an error that its server calls a success for one: %s %j', async (path, body) => {
  const account = await startPlain()
  account.answer = 'misled'
  const byok = await startByok({ providers: { codex: { api_keys: [keyOf(account, 'a')] } } })
  const { status, text } = await call(byok, path, body)
  expect([status, JSON.parse(text)]).toEqual([
    404,
    {
      error: {
        message: `Unexpected endpoint or method. (POST /v1/${path}). Check the provider's \`base_url\`, which ends in /v1 for most servers.`,
        type: 'not_found_error',
        param: null,
        code: null,
        provider: 'codex',
        upstream_status: 404,
      },
    },
  ])
})

it('passes over a login that cannot do it, whatever the order', async () => {
  const a = await startPlain()
  const store = createMemoryTokenStore()
  await store.put({
    provider: 'codex',
    account: 'me@example.com',
    kind: 'oauth',
    tokens: { accessToken: new Secret('at') },
    expiresAt: Date.now() + 3_600_000,
  })
  const providers = { codex: { api_keys: [keyOf(a, 'a')] } }
  const byok = await startByok({ store, routing: { strategy: 'round-robin' }, providers })
  for (let times = 0; times < 4; times++) {
    expect(await call(byok, 'embeddings', { input: 'Hi' })).toMatchObject({ status: 200, account: 'a' })
  }
  const loginOnly = await startByok({ store, providers: {} })
  expect(await call(loginOnly, 'embeddings', { input: 'Hi' })).toMatchObject({
    status: 404,
    text: expect.stringContaining('endpoint_not_offered') as string,
  })
})

it('reports a completion that breaks off, and passes a whole one on as it is', async () => {
  const a = await startPlain()
  const byok = await startByok({ providers: { codex: { api_keys: [keyOf(a, 'a')] } } })
  const whole = await call(byok, 'completions', { prompt: 'Hi', stream: true })
  expect(whole.text).toMatch(/"text":"Hel".*"text":"lo".*data: \[DONE\]\n\n$/s)
  a.answer = 'cut'
  const cut = await call(byok, 'completions', { prompt: 'Hi', stream: true })
  expect(cut.text).toMatch(/"text":"Hel".*data: \{"error":/s)
})

it('counts against the budget of a client', async () => {
  const a = await startPlain()
  const byok = await startByok({
    server: { keys: [{ key: 'k', label: 'tool', budget: { tokens_per_day: 18 } }] },
    providers: { codex: { api_keys: [keyOf(a, 'a')] } },
  })
  const headers = { authorization: 'Bearer k' }
  expect((await call(byok, 'embeddings', { input: 'Hi' }, headers)).status).toBe(200)
  expect((await call(byok, 'completions', { prompt: 'Hi', stream: true }, headers)).status).toBe(200)
  expect(await call(byok, 'embeddings', { input: 'Hi' }, headers)).toMatchObject({
    status: 429,
    text: expect.stringContaining('budget_exceeded') as string,
  })
})

it('rests an account for chats of that model too', async () => {
  const [a, b] = [await startPlain(), await startPlain()]
  const byok = await startByok({ providers: { codex: { api_keys: [keyOf(a, 'a'), keyOf(b, 'b')] } } })
  a.answer = 'spent'
  await call(byok, 'embeddings', { input: 'Hi' })
  await ask(byok, { model: 'codex/some-model' })
  expect(a.requests.map(({ path }) => path)).toEqual(['/v1/embeddings'])
})
