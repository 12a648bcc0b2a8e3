import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ChatError, createMemoryTokenStore, Secret } from '../../../src/index.ts'
import { gate } from '../../../src/testing/expect.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../../src/testing/script.ts'
import { startVendor } from '../../faults/faults.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import { startChatGpt } from '../../upstreams/chatgpt.ts'
import { startGemini } from '../../upstreams/gemini.ts'
import { failureOf, startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { ask, counts, keyOf, keysOf, open, startAccounts, startByok } from './support.ts'

const NO_ACCESS = 'Project `proj_test` does not have access to model `gpt-4o`'

describe.each([true, false])('failover (streaming: %s)', (stream) => {
  it.each<[ScriptFailure['kind'], boolean]>([
    ['rate_limit', true],
    ['quota', true],
    ['invalid_key', true],
    ['forbidden', true],
    ['server_error', true],
    ['overloaded', true],
    ['invalid_request', false],
    ['too_large', false],
    ['context_length', false],
    ['not_found', true],
  ])('after %s another account of the provider is asked: %s', async (kind, others) => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    accounts['a']?.fail({ kind })
    const { status, headers, text } = await ask(byok, { stream })
    expect(counts(accounts)).toEqual({ a: 1, b: others ? 1 : 0 })
    expect(status < 400).toBe(others)
    expect(headers.get('x-byok-provider')).toBe('codex')
    expect(headers.get('x-byok-account')).toBe(others ? 'b' : 'a')
    expect(headers.get('x-byok-attempts')).toBe(others ? '2' : '1')
    if (others) expect(text).toContain('Hello')
  })

  it('goes on to the next provider of an alias, in another protocol', async () => {
    const accounts = await startAccounts('a', 'b')
    const claude = await startAnthropic()
    const byok = await startByok({
      models: { best: ['codex/gpt-4o', 'claude/claude-sonnet-4-5'] },
      providers: {
        codex: { api_keys: keysOf(accounts) },
        claude: { api_key: 'sk-ant-test', base_url: claude.url },
      },
    })
    for (const fake of Object.values(accounts)) fake.fail({ kind: 'quota' })
    claude.say({ steps: [{ text: 'from Claude' }] })
    const { status, headers, text } = await ask(byok, { model: 'best', stream })
    expect(status).toBe(200)
    expect(text).toContain('from Claude')
    expect(headers.get('x-byok-provider')).toBe('claude')
    expect(headers.get('x-byok-attempts')).toBe('3')
    // Spent accounts are passed over until their time.
    expect((await ask(byok, { model: 'best', stream })).headers.get('x-byok-attempts')).toBe('1')
    expect(counts(accounts)).toEqual({ a: 1, b: 1 })
    await claude.close()
  })

  it('takes a model that one provider does not have to the next, and remembers that', async () => {
    const accounts = await startAccounts('a', 'b')
    const claude = await startAnthropic()
    const byok = await startByok({
      models: { best: ['codex/gone', 'claude/claude-sonnet-4-5'] },
      providers: { codex: { api_keys: keysOf(accounts) }, claude: { api_key: 'sk-ant-test', base_url: claude.url } },
    })
    for (const fake of Object.values(accounts)) fake.fail({ kind: 'not_found' })
    for (const attempts of ['3', '1']) {
      const { status, headers } = await ask(byok, { model: 'best', stream })
      expect([status, headers.get('x-byok-attempts')]).toEqual([200, attempts])
    }
    expect(counts(accounts)).toEqual({ a: 1, b: 1 })
    await claude.close()
  })

  it.each([403, 404])('asks the accounts that have a model where another has no access to it (%d)', async (code) => {
    const closed = await startOpenAIChat({
      key: keyOf('a'),
      // The words of 403: Aider-AI/aider issue 604; of 404: issue 2030.
      check: () => ({
        ...failureOf({ kind: 'not_found', ...(code === 403 && { message: NO_ACCESS }) }, 'gpt-4o'),
        status: code,
      }),
    })
    onTestFinished(() => closed.close())
    const accounts = { a: closed, ...(await startAccounts('b')) }
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    for (const attempts of ['2', '1']) {
      const { status, headers } = await ask(byok, { stream })
      expect([status, headers.get('x-byok-attempts')]).toEqual([200, attempts])
    }
    expect(counts(accounts)).toEqual({ a: 1, b: 2 })
    expect(byok.routing.resting).toMatchObject([{ account: 'a', cause: 'refused', code: 'model_not_found' }])
  })

  it.each<[what: string, status: number, type: string, body: string, code: string]>([
    [
      'vLLM',
      404,
      'application/json',
      '{"object":"error","message":"The model `m` does not exist.","type":"NotFoundError","param":null,"code":404}',
      'NotFoundError',
    ],
    [
      'OpenRouter',
      404,
      'application/json',
      '{"error":{"message":"No endpoints found for m.","code":404}}',
      'not_found_error',
    ],
    ['a tunnel that is closed', 404, 'text/html', '<!doctype html><title>Not found</title>', 'not_found_error'],
    ['a web server', 405, 'text/html', '<html><title>Not allowed</title></html>', 'invalid_request_error'],
  ])('asks another where %s says by %d that it has no such model, or API', async (_, status, type, body, code) => {
    const { vendor, provider, close } = await startVendor()
    vendor.handle = (response) => response.writeHead(status, { 'content-type': type }).end(body)
    onTestFinished(close)
    const accounts = await startAccounts('b')
    const byok = await startByok({
      models: { best: ['local/m', 'codex/gpt-4o'] },
      providers: { local: provider, codex: { api_keys: keysOf(accounts) } },
    })
    for (const attempts of ['2', '1']) {
      const asked = await ask(byok, { model: 'best', stream })
      expect([asked.status, asked.headers.get('x-byok-attempts')]).toEqual([200, attempts])
    }
    expect(byok.routing.resting).toMatchObject([{ provider: 'local', cause: 'refused', status, code }])
    const alone = await ask(byok, { model: 'local/m', stream })
    expect(alone.status).toBe(status)
    if (type === 'text/html') expect(alone.json.error?.message).toMatch(/a web page .*providers\.local\.base_url/)
  })

  it('tells of a firewall before the provider, which answers 403 with a web page, and rests no longer for it', async () => {
    const { vendor, provider, close } = await startVendor()
    onTestFinished(close)
    const page = '<!DOCTYPE html><title>Just a moment...</title>'
    vendor.handle = (response) => response.writeHead(403, { 'content-type': 'text/html' }).end(page)
    const byok = await startByok({ providers: { local: provider } })
    const { status, json } = await ask(byok, { model: 'local/m', stream })
    expect([status, json.error?.message]).toEqual([403, expect.stringContaining('such as Cloudflare')])
    expect(byok.routing.resting).toMatchObject([{ cause: 'refused', named: false }])
  })

  it('asks another for what an account does not hold, and lets it rest no time for that', async () => {
    const message = 'No such File object: file-1'
    const fileless = await startOpenAIChat({
      key: keyOf('a'),
      check: () => ({ status: 404, error: { message, type: 'invalid_request_error', param: 'file', code: null } }),
    })
    onTestFinished(() => fileless.close())
    const accounts = { a: fileless, ...(await startAccounts('b')) }
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    const { status, headers } = await ask(byok, { stream })
    expect([status, headers.get('x-byok-account')]).toEqual([200, 'b'])
    expect(byok.routing.resting).toEqual([])
  })

  it('says that a model is not there where no account has it, and lets none rest for that', async () => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    for (const fake of Object.values(accounts)) fake.fail({ kind: 'not_found' })
    const { status, json } = await ask(byok, { stream })
    expect([status, json.error?.code]).toEqual([404, 'model_not_found'])
    expect(byok.routing.resting).toEqual([])
  })

  it('takes what a login does not support to the provider’s key, but to no other login', async () => {
    const [key, login] = [await startOpenAIChat(), await startChatGpt()]
    const store = createMemoryTokenStore()
    const tokens = { accessToken: new Secret('at-test'), refreshToken: new Secret('rt-test') }
    for (const account of ['ann', 'ben']) {
      await store.put({ provider: 'codex', account, kind: 'oauth', tokens, metadata: { account_id: 'acct-test' } })
    }
    const logins = { ann: { priority: 3 }, ben: { priority: 2 } }
    const byok = await startByok({
      store,
      providers: { codex: { api_key: 'sk-test', base_url: key.url, oauth_base_url: login.url, logins } },
    })
    const { status, headers } = await ask(byok, { model: 'codex/gpt-6-sol', logprobs: true, stream })
    expect(status).toBe(200)
    expect([headers.get('x-byok-account'), headers.get('x-byok-attempts')]).toEqual(['api_key', '2'])
    expect([login.requests.length, key.requests.length]).toEqual([0, 1])
    expect(byok.routing.resting).toEqual([])
    // What both can do the login still does.
    expect((await ask(byok, { model: 'codex/gpt-6-sol', stream })).headers.get('x-byok-account')).toBe('ann')
    await Promise.all([key.close(), login.close()])
  })

  it('asks another account when nothing can be reached', async () => {
    const accounts = await startAccounts('a', 'b')
    await accounts['a']?.close()
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    const { status, headers } = await ask(byok, { stream })
    expect([status, headers.get('x-byok-account')]).toEqual([200, 'b'])
  })

  it('says 429 with the soonest time and why each was passed over, once all are spent', async () => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    accounts['a']?.fail({ kind: 'rate_limit', retryAfter: 600 })
    accounts['b']?.fail({ kind: 'quota', retryAfter: 90 })
    for (const attempts of ['2', '0', '0']) {
      const { status, headers, json, text } = await ask(byok, { stream })
      expect(status).toBe(429)
      expect(headers.get('x-byok-attempts')).toBe(attempts)
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(80)
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(90)
      expect(json.error).toMatchObject({ code: 'all_accounts_spent', type: 'rate_limit_error' })
      expect(json.error?.message).toMatch(/codex \(a\): 429 rate_limit_exceeded, back in 10 min/)
      expect(json.error?.message).toMatch(/codex \(b\): 429 insufficient_quota, back in \d+ s/)
      expect(text).not.toContain('sk-test')
    }
    expect(counts(accounts)).toEqual({ a: 1, b: 1 })
  })

  it('says 429 where one is spent and the other not let in, for waiting helps', async () => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    accounts['a']?.fail({ kind: 'rate_limit', retryAfter: 60 })
    for (const attempts of ['2', '1']) {
      accounts['b']?.fail({ kind: 'invalid_key' })
      const { status, headers, json } = await ask(byok, { stream })
      expect([status, headers.get('x-byok-attempts')]).toEqual([429, attempts])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(50)
      expect(json.error?.message).toMatch(/spent or not let in.*codex \(b\): 401/)
    }
  })

  it('leaves what the only account says as it is, and asks it no more before the time it named', async () => {
    const accounts = await startAccounts('a')
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    accounts['a']?.fail({ kind: 'rate_limit', message: 'Slow down.' })
    accounts['a']?.fail({ kind: 'rate_limit', retryAfter: 60 })
    expect((await ask(byok, { stream })).json.error?.code).toBe('rate_limit_exceeded')
    expect((await ask(byok, { stream })).json.error?.code).toBe('rate_limit_exceeded')
    expect((await ask(byok, { stream })).json.error?.code).toBe('all_accounts_spent')
    expect(counts(accounts)).toEqual({ a: 2 })
  })

  it('asks the only account no more where the body of its answer tells the time, as Google does', async () => {
    const gemini = await startGemini()
    onTestFinished(() => gemini.close())
    const byok = await startByok({
      upstream: { retries: 2, retry_delay: 1 },
      providers: { gemini: { api_key: 'test-key', base_url: gemini.url } },
    })
    gemini.fail({ kind: 'rate_limit', retryAfter: 30 })
    const { status, headers } = await ask(byok, { model: 'gemini/gemini-2.5-pro', stream })
    expect([status, headers.get('retry-after'), gemini.requests.length]).toEqual([429, '30', 1])
  })

  it('asks the only account once a request while it rests for a time that nobody named', async () => {
    const accounts = await startAccounts('a')
    const byok = await startByok({
      upstream: { retries: 2, retry_delay: 1 },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    for (let times = 0; times < 5; times++) accounts['a']?.fail({ kind: 'quota' })
    for (const calls of [3, 4, 5]) {
      expect((await ask(byok, { stream })).status).toBe(429)
      expect(counts(accounts)).toEqual({ a: calls })
    }
    expect((await ask(byok, { stream })).status).toBe(200)
  })

  it('tries accounts that failed a while ago rather than none', async () => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    for (const fake of Object.values(accounts)) fake.fail({ kind: 'server_error' })
    const failed = await ask(byok, { stream })
    expect(failed.status).toBe(500)
    expect(failed.json.error?.message).toMatch(/codex \(a\): 500 server_error.*codex \(b\): 500/)
    expect((await ask(byok, { stream })).status).toBe(200)
  })

  it('asks no more accounts than routing.max_attempts', async () => {
    const accounts = await startAccounts('a', 'b', 'c')
    const byok = await startByok({
      routing: { max_attempts: 2 },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    for (const fake of Object.values(accounts)) fake.fail({ kind: 'server_error' })
    expect((await ask(byok, { stream })).status).toBe(500)
    expect(counts(accounts)).toEqual({ a: 1, b: 1, c: 0 })
  })

  it('reaches the account that is left, however many are spent', async () => {
    const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const accounts = await startAccounts(...labels)
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
    for (const label of labels.slice(0, -1)) accounts[label]?.fail({ kind: 'rate_limit', retryAfter: 3600 })
    const { status, headers } = await ask(byok, { stream })
    expect([status, headers.get('x-byok-account'), headers.get('x-byok-attempts')]).toEqual([200, 'h', '8'])
  })

  it('says at routing.max_attempts that others were not asked, and that another try may reach them', async () => {
    const accounts = await startAccounts('a', 'b', 'c')
    const byok = await startByok({
      routing: { max_attempts: 1 },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    accounts['a']?.fail({ kind: 'rate_limit', retryAfter: 3600 })
    accounts['b']?.fail({ kind: 'invalid_key' })
    const { status, headers, json } = await ask(byok, { stream })
    expect([status, headers.get('retry-after'), json.error?.code]).toEqual([503, '1', 'max_attempts_reached'])
    expect(json.error?.message).toMatch(/codex \(a\): 429 .*; codex \(b\): 401 .*; codex \(c\): not asked/)
    expect((await ask(byok, { stream })).headers.get('x-byok-account')).toBe('c')
  })

  it('gives up at routing.timeout, whoever is being asked', async () => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({
      // Time enough for the first to be reached on a busy machine.
      routing: { timeout: 1000 },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    for (const fake of Object.values(accounts)) fake.say({ steps: [{ wait: new Promise(() => {}) }] })
    const { status, json } = await ask(byok, { stream: false })
    expect([status, json.error?.code]).toEqual([504, 'routing_timeout'])
    expect(await accounts['a']?.requests[0]?.aborted).toBe(true)
  })

  it('gives up at routing.timeout while it waits to ask the only account again', async () => {
    const accounts = await startAccounts('a')
    const byok = await startByok({
      routing: { timeout: 1000 },
      upstream: { retries: 1 },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    accounts['a']?.fail({ kind: 'rate_limit', retryAfter: 20 })
    const { status, json } = await ask(byok, { stream })
    expect([status, json.error?.code]).toEqual([504, 'routing_timeout'])
    expect(counts(accounts)).toEqual({ a: 1 })
  })

  it('is not started by what a hook refuses', async () => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({
      providers: { codex: { api_keys: keysOf(accounts) } },
      hooks: {
        upstreamRequest: () => {
          throw new ChatError('Not today.', { status: 503 })
        },
      },
    })
    const { status, headers } = await ask(byok, { stream })
    expect([status, headers.get('x-byok-attempts')]).toEqual([503, '1'])
    expect(counts(accounts)).toEqual({ a: 0, b: 0 })
    expect(byok.routing.resting).toEqual([])
  })
})

describe.each(['bytes pass through', 'translated'])('before the first byte of a stream (%s)', (way) => {
  const hooks = way === 'translated' ? { chat: () => {} } : {}

  it.each([
    ['an empty stream', ''],
    ['an error in place of the first event', 'data: {"error":{"message":"Overloaded","type":"server_error"}}\n\n'],
    ['nothing but the end mark', ': hello\n\ndata: [DONE]\n\n'],
    ['a connection that breaks', undefined],
  ])('%s is answered by the next account', async (_, bytes) => {
    const broken = await startFakeServer((_request, reply) => {
      reply.begin(200, { 'content-type': 'text/event-stream' })
      if (bytes === undefined) return reply.cut()
      return reply.write(bytes).then(() => reply.end())
    })
    onTestFinished(() => broken.close())
    const accounts = await startAccounts('b')
    const first = { key: 'k', label: 'a', base_url: broken.url }
    const byok = await startByok({ providers: { codex: { api_keys: [first, ...keysOf(accounts)] } }, hooks })
    const { status, headers, text } = await ask(byok, { stream: true })
    expect([status, headers.get('x-byok-account')]).toEqual([200, 'b'])
    expect(text).toContain('Hello')
    expect(text).not.toContain('error')
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
    expect(broken.requests).toHaveLength(1)
  })

  it('after it there is no other account, and the failure counts against the one', async () => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } }, hooks })
    accounts['a']?.say({ steps: [{ text: 'Hel' }, { cut: true }] })
    const { status, text } = await ask(byok, { stream: true })
    expect(status).toBe(200)
    expect(text).toContain('Hel')
    expect(text).toContain('"error"')
    expect(counts(accounts)).toEqual({ a: 1, b: 0 })
    expect(byok.routing.resting).toMatchObject([{ account: 'a', cause: 'fault' }])
    expect((await ask(byok, { stream: true })).headers.get('x-byok-account')).toBe('b')
  })
})

it('a client that goes away ends it without a word against the account', async () => {
  const accounts = await startAccounts('a', 'b')
  const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
  accounts['a']?.say({ steps: [{ wait: new Promise(() => {}) }] })
  const client = new AbortController()
  const pending = open(byok, {}, { signal: client.signal })
  while (accounts['a']?.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
  client.abort()
  await expect(pending).rejects.toBe(client.signal.reason)
  expect(counts(accounts)).toEqual({ a: 1, b: 0 })
  expect(byok.routing.resting).toEqual([])
})

it('labels that no header can carry are encoded', async () => {
  const accounts = await startAccounts('Büro\n1')
  const byok = await startByok({
    providers: { codex: { api_keys: keysOf(accounts).map((key) => ({ ...key, key: 'k' })) } },
  })
  expect((await ask(byok)).headers.get('x-byok-account')).toBe('B%C3%BCro%0A1')
})

it('gives an account its time though the clock was set meanwhile', async () => {
  const accounts = await startAccounts('a', 'b', 'c')
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const tomorrow = Date.now() + 86_400_000
  const byok = await startByok({
    providers: { codex: { api_keys: keysOf(accounts) } },
    hooks: { upstreamResponse: ({ info }) => void (info.account === 'a' && vi.setSystemTime(tomorrow)) },
  })
  accounts['a']?.fail({ kind: 'server_error' })
  const { status, headers } = await ask(byok)
  expect([status, headers.get('x-byok-account')]).toEqual([200, 'b'])
  expect(counts(accounts)).toEqual({ a: 1, b: 1, c: 0 })
})

it('requests wait for the one that tries the only account after its rest, and are not refused meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const accounts = await startAccounts('a')
  const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } } })
  accounts['a']?.fail({ kind: 'rate_limit', retryAfter: 60 })
  expect((await ask(byok)).status).toBe(429)
  vi.setSystemTime(Date.now() + 61_000)
  const answered = gate()
  accounts['a']?.say({ steps: [{ wait: answered.passed }, { text: 'back' }] })
  const first = ask(byok)
  await vi.waitUntil(() => counts(accounts)['a'] === 2)
  let over = false
  const second = ask(byok).finally(() => (over = true))
  // Another request that is refused is so at once, long before one of another model has its answer.
  expect((await ask(byok, { model: 'gpt-4.1' })).status).toBe(200)
  expect([over, counts(accounts)['a']]).toEqual([false, 3])
  answered.open()
  expect([(await first).status, (await second).status]).toEqual([200, 200])
  expect(counts(accounts)['a']).toBe(4)
})
