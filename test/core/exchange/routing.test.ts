import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMemoryTokenStore, definePlugin, Secret } from '../../../src/index.ts'
import type { ByokOptions, RoutingStrategy } from '../../../src/index.ts'
import { recordOf } from '../../../src/core/usage/record.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { SSE, startVendor } from '../../faults/faults.ts'
import type { Handle } from '../../faults/faults.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import { ask, counts, keyOf, keysOf, startAccounts, startByok } from './support.ts'

const say = (content: string) => [{ role: 'user', content }]

describe('round-robin', () => {
  it('follows the weights, for the same question too', async () => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({
      routing: { strategy: 'round-robin' },
      providers: { codex: { api_keys: keysOf(accounts, { a: { weight: 3 } }) } },
    })
    for (let times = 0; times < 8; times++) await ask(byok)
    expect(counts(accounts)).toEqual({ a: 6, b: 2 })
  })

  it('leaves a conversation with its account, until that is spent', async () => {
    const accounts = await startAccounts('a', 'b', 'c')
    const byok = await startByok({
      routing: { strategy: 'round-robin' },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    const messages = say('Hi')
    const first = await ask(byok, { messages })
    const home = first.headers.get('x-byok-account') ?? ''
    messages.push({ role: 'assistant', content: 'Hello' }, ...say('More'))
    for (let turn = 0; turn < 3; turn++) {
      await ask(byok, { messages: say(`another ${turn}`) })
      expect((await ask(byok, { messages })).headers.get('x-byok-account')).toBe(home)
    }
    accounts[home]?.fail({ kind: 'quota', retryAfter: 60 })
    const next = (await ask(byok, { messages })).headers.get('x-byok-account') ?? ''
    expect(next).not.toBe(home)
    expect((await ask(byok, { messages })).headers.get('x-byok-account')).toBe(next)
  })

  it.each(['priority', 'round-robin', 'least-busy'])(
    'leaves a conversation with its model, where an account has several of a name (%s)',
    async (strategy) => {
      const accounts = await startAccounts('a', 'b')
      const byok = await startByok({
        routing: { strategy },
        models: { best: ['codex/gpt-4o', 'codex/gpt-4o-mini'] },
        providers: { codex: { api_keys: keysOf(accounts) } },
      })
      const asked = () => Object.values(accounts).flatMap(({ requests }) => requests.map(({ json }) => json))
      const messages = say('Hi')
      for (let turn = 0; turn < 3; turn++) {
        await ask(byok, { model: 'best', messages })
        messages.push({ role: 'assistant', content: 'Hello' }, ...say('More'))
        await ask(byok, { model: 'best', messages: say(String(turn)), user: 'me' })
      }
      expect(asked()).toHaveLength(6)
      for (const body of asked()) expect(body).toMatchObject({ model: 'gpt-4o' })
    },
  )

  it.each(['priority', 'round-robin', 'least-busy'])(
    'takes a conversation back to the first model of a name once that is well again (%s)',
    async (strategy) => {
      vi.useFakeTimers({ toFake: ['Date'] })
      onTestFinished(() => void vi.useRealTimers())
      const accounts = await startAccounts('a', 'b')
      const byok = await startByok({
        routing: { strategy },
        models: { best: ['big/gpt-4o', 'small/gpt-4o-mini'] },
        providers: {
          big: { type: 'openai-compatible', api_key: keyOf('a'), base_url: accounts['a']?.url ?? '' },
          small: { type: 'openai-compatible', api_key: keyOf('b'), base_url: accounts['b']?.url ?? '' },
        },
      })
      const messages = [...say('Hi'), { role: 'assistant', content: 'Hello' }, ...say('More')]
      const served = async () => (await ask(byok, { model: 'best', messages })).headers.get('x-byok-provider')
      accounts['a']?.fail({ kind: 'quota', retryAfter: 60 })
      expect([await served(), await served()]).toEqual(['small', 'small'])
      vi.setSystemTime(Date.now() + 61_000)
      expect([await served(), await served()]).toEqual(['big', 'big'])
    },
  )

  it('leaves a user with one account, unless stickiness is off', async () => {
    const accounts = await startAccounts('a', 'b')
    const providers = { codex: { api_keys: keysOf(accounts) } }
    const served = async (sticky: boolean) => {
      const byok = await startByok({ routing: { strategy: 'round-robin', sticky }, providers })
      const all = []
      for (let times = 0; times < 4; times++) all.push(await ask(byok, { user: 'me', messages: say(String(times)) }))
      return new Set(all.map(({ headers }) => headers.get('x-byok-account'))).size
    }
    expect(await served(true)).toBe(1)
    expect(await served(false)).toBe(2)
  })
})

it('least-busy spreads requests that run at the same time', async () => {
  const accounts = await startAccounts('a', 'b')
  const byok = await startByok({
    routing: { strategy: 'least-busy' },
    providers: { codex: { api_keys: keysOf(accounts) } },
  })
  let release = () => {}
  const wait = new Promise<void>((resolve) => (release = resolve))
  for (const fake of Object.values(accounts)) for (let n = 0; n < 3; n++) fake.say({ steps: [{ wait }, { text: 'x' }] })
  const running = Array.from({ length: 6 }, () => ask(byok))
  while (Object.values(counts(accounts)).reduce((a, b) => a + b) < 6) await new Promise((done) => setImmediate(done))
  expect(counts(accounts)).toEqual({ a: 3, b: 3 })
  release()
  await Promise.all(running)
})

it('higher priorities are used first', async () => {
  const accounts = await startAccounts('a', 'b', 'c')
  const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts, { b: { priority: 5 } }) } } })
  await ask(byok)
  accounts['b']?.fail({ kind: 'quota' })
  await ask(byok)
  expect(counts(accounts)).toEqual({ a: 1, b: 2, c: 0 })
})

it('a plugin brings a strategy of its own', async () => {
  const accounts = await startAccounts('a', 'b', 'c')
  const last = definePlugin({
    name: 'last-first',
    strategies: { 'last-first': (candidates) => candidates.filter(({ account }) => account !== 'a').toReversed() },
  })
  const byok = await startByok({
    plugins: [last],
    routing: { strategy: 'last-first' },
    providers: { codex: { api_keys: keysOf(accounts) } },
  })
  accounts['c']?.fail({ kind: 'quota' })
  expect((await ask(byok)).headers.get('x-byok-account')).toBe('b')
  expect(counts(accounts)).toEqual({ a: 0, b: 1, c: 1 })
})

describe('a plugin’s strategy', () => {
  const plugin = (mine: RoutingStrategy) => definePlugin({ name: 'choosy', strategies: { mine } })

  it('keeps from being tried whom it leaves out, a conversation’s own account and those that failed included', async () => {
    const accounts = await startAccounts('a', 'b', 'c')
    let out = 'b'
    const byok = await startByok({
      plugins: [plugin((candidates) => candidates.filter(({ account }) => account !== 'c' && account !== out))],
      routing: { strategy: 'mine' },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    expect((await ask(byok, { user: 'me' })).headers.get('x-byok-account')).toBe('a')
    out = 'a'
    expect((await ask(byok, { user: 'me' })).headers.get('x-byok-account')).toBe('b')
    out = ''
    for (const fake of [accounts['a'], accounts['b']]) fake?.fail({ kind: 'server_error' })
    const failed = await ask(byok)
    expect(failed.status).toBe(500)
    expect(failed.json.error?.message).toContain('codex (c): left out by the routing strategy')
    out = 'a'
    expect((await ask(byok)).headers.get('x-byok-account')).toBe('b')
    expect(counts(accounts)).toEqual({ a: 2, b: 3, c: 0 })
  })

  it('that leaves out all is told of', async () => {
    const accounts = await startAccounts('a')
    const byok = await startByok({
      plugins: [plugin(() => [])],
      routing: { strategy: 'mine' },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    const { status, json } = await ask(byok)
    expect([status, json.error?.code]).toEqual([503, 'left_out_by_strategy'])
    expect(json.error?.message).toContain('"mine"')
  })

  it('that fails is named in the answer and in the log', async () => {
    const accounts = await startAccounts('a')
    const error = vi.fn()
    const byok = await startByok({
      plugins: [
        plugin(() => {
          throw new Error('boom')
        }),
      ],
      logger: { error, warn: () => {}, info: () => {}, debug: () => {} },
      routing: { strategy: 'mine' },
      providers: { codex: { api_keys: keysOf(accounts) } },
    })
    const { status, json } = await ask(byok)
    expect([status, json.error?.code]).toEqual([500, 'plugin_failed'])
    expect(json.error?.message).toContain('"mine" of plugin "choosy"')
    expect(error).toHaveBeenCalledWith(
      'a plugin failed',
      expect.objectContaining({
        part: 'routing strategy "mine"',
        owner: 'plugin "choosy"',
        fault: expect.stringContaining('Error'),
      }),
    )
  })
})

it('a strategy there is not is refused at the start, with the nearest', async () => {
  await expect(startByok({ routing: { strategy: 'least_busy' } })).rejects.toThrow(
    /createByok options: routing\.strategy: names a strategy there is not\. Did you mean "least-busy"/,
  )
})

/** A proxy that joins everything that asks for it by CONNECT or in the open. */
async function startProxy() {
  const hosts: string[] = []
  const server = createServer()
  server.on('connect', (request, socket, head) => {
    hosts.push(request.url ?? '')
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { hosts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('an account’s own proxy', () => {
  it('outranks the provider’s, which the others use', async () => {
    const [own, common] = [await startProxy(), await startProxy()]
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({
      routing: { strategy: 'round-robin' },
      providers: { codex: { proxy: common.url, api_keys: keysOf(accounts, { a: { proxy: own.url } }) } },
    })
    expect((await ask(byok)).status).toBe(200)
    expect((await ask(byok)).status).toBe(200)
    const hostOf = (label: string) => new URL(accounts[label]?.url ?? '').host
    expect(own.hosts).toEqual([hostOf('a')])
    expect(common.hosts).toEqual([hostOf('b')])
  })

  it('is the way to the list of models too', async () => {
    const proxy = await startProxy()
    const server = await startFakeServer((_request, reply) => reply.json(200, { data: [{ id: 'live' }] }))
    onTestFinished(() => server.close())
    const own = {
      type: 'openai-compatible' as const,
      base_url: server.url,
      api_keys: [{ key: 'sk-a', proxy: proxy.url }],
    }
    const byok = await startByok({ providers: { own } })
    const response = await byok.fetch(new Request('http://localhost/v1/models'))
    expect(await response.text()).toContain('"live"')
    expect(proxy.hosts).toEqual([new URL(server.url).host])
  })
})

describe('logins', () => {
  async function threeLogins(logins: NonNullable<ByokOptions['providers']>[string]['logins'], strategy = 'priority') {
    const claude = await startAnthropic({ token: 'sk-ant-oat01-good' })
    onTestFinished(() => claude.close())
    const store = createMemoryTokenStore()
    const tokens = { accessToken: new Secret('sk-ant-oat01-good') }
    for (const account of ['ann', 'ben', 'cat']) await store.put({ provider: 'claude', account, kind: 'oauth', tokens })
    const providers = { claude: { oauth_base_url: claude.url, logins } }
    const byok = await startByok({ store, routing: { strategy }, providers })
    const served = async (times: number) => {
      const names: Record<string, number> = {}
      for (let time = 0; time < times; time++) {
        const name = (await ask(byok, { model: 'claude/claude-sonnet-4-5' })).headers.get('x-byok-account') ?? ''
        names[name] = (names[name] ?? 0) + 1
      }
      return names
    }
    return { byok, served, host: new URL(claude.url).host }
  }

  it('have weights and priorities by their names', async () => {
    const { served } = await threeLogins({ ben: { priority: 2, weight: 3 }, cat: { priority: 2 } }, 'round-robin')
    expect(await served(8)).toEqual({ ben: 6, cat: 2 })
  })

  it('have ways out of their own', async () => {
    const proxy = await startProxy()
    const { served, host } = await threeLogins({ ann: { proxy: proxy.url } })
    expect(await served(1)).toEqual({ ann: 1 })
    expect(proxy.hosts).toEqual([host])
  })

  it('that are set up under a wrong name are told of', async () => {
    const { byok } = await threeLogins({ anne: { priority: 1 } })
    expect(byok.warnings).toEqual([
      'providers.claude.logins names "anne", which is no login of Claude. There is ann, ben, cat.',
    ])
  })
})

/** A SOCKS5 proxy, and where it was asked to lead. */
async function startSocks(): Promise<{ url: string; hosts: string[] }> {
  const hosts: string[] = []
  // RFC 1928 without authentication: greeting, CONNECT to a name or an IPv4 address, then bytes.
  const proxy = createTcpServer((socket) => {
    socket.once('data', () => {
      socket.write(Uint8Array.of(5, 0))
      socket.once('data', (request: Buffer) => {
        const named = request[3] === 3
        const end = named ? 5 + (request[4] ?? 0) : 8
        const host = named ? request.toString('latin1', 5, end) : request.subarray(4, 8).join('.')
        const port = request.readUInt16BE(end)
        hosts.push(`${host}:${port}`)
        const upstream = connect(port, host, () => {
          socket.write(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0))
          upstream.pipe(socket).pipe(upstream)
        })
        upstream.on('error', () => socket.destroy())
        socket.on('error', () => upstream.destroy())
      })
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  return { url: `socks5://127.0.0.1:${(proxy.address() as AddressInfo).port}`, hosts }
}

it('socks5 is a way out too', async () => {
  const { url, hosts } = await startSocks()
  const accounts = await startAccounts('a')
  const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts, { a: { proxy: url } }) } } })
  expect((await ask(byok)).status).toBe(200)
  expect(hosts).toEqual([new URL(accounts['a']?.url ?? '').host])
})

it.each([
  ['http_proxy', 'socks5'],
  ['HTTP_PROXY', 'socks5h'],
  ['http_proxy', 'socks'],
])('so is one that the environment names, %s=%s://', async (variable, scheme) => {
  const { url, hosts } = await startSocks()
  const accounts = await startAccounts('a')
  const byok = await startByok({
    env: { [variable]: url.replace('socks5', scheme) },
    providers: { codex: { api_keys: keysOf(accounts) } },
  })
  expect((await ask(byok)).status).toBe(200)
  expect(hosts).toEqual([new URL(accounts['a']?.url ?? '').host])
})

it('what this machine serves is asked past a proxy for all', async () => {
  const { url, hosts } = await startSocks()
  const byok = await startByok({
    env: { ALL_PROXY: url },
    providers: { codex: { api_keys: keysOf(await startAccounts('a')) } },
  })
  expect((await ask(byok)).status).toBe(200)
  expect(hosts).toEqual([])
})

it.each<[limit: string, handle: Handle]>([
  ['response_timeout', () => {}],
  ['idle_timeout', (response) => response.writeHead(200, SSE).flushHeaders()],
])('of which upstream.%s holds as of any other', async (limit, handle) => {
  const { url } = await startSocks()
  const { vendor, provider, close } = await startVendor()
  onTestFinished(close)
  vendor.handle = handle
  const byok = await startByok({
    upstream: { [limit]: 50 },
    providers: { local: { ...provider, proxy: url } },
  })
  const { status, json } = await ask(byok, { model: 'local/m' })
  expect([status, json.error?.code, json.error?.message]).toEqual([
    504,
    'upstream_timeout',
    expect.stringContaining(`upstream.${limit}`),
  ])
})

it('a login whose token no longer works gives way to the next', async () => {
  const claude = await startAnthropic({ token: 'sk-ant-oat01-good' })
  onTestFinished(() => claude.close())
  const store = createMemoryTokenStore()
  for (const account of ['dead', 'good']) {
    const tokens = { accessToken: new Secret(`sk-ant-oat01-${account}`) }
    await store.put({ provider: 'claude', account, kind: 'oauth', tokens })
  }
  const byok = await startByok({ store, providers: { claude: { oauth_base_url: claude.url } } })
  const model = 'claude/claude-sonnet-4-5'
  for (const attempts of ['2', '1']) {
    const { status, headers } = await ask(byok, { model })
    expect([status, headers.get('x-byok-account'), headers.get('x-byok-attempts')]).toEqual([200, 'good', attempts])
  }
})

it('a request that nobody is asked for, since all rest, counts as one of the provider’s model', async () => {
  const accounts = await startAccounts('a')
  const byok = await startByok({
    models: { mine: 'codex/gpt-4o' },
    providers: { codex: { api_keys: keysOf(accounts) } },
  })
  const models: unknown[] = []
  byok.hooks.hook('response', ({ info }) => void models.push(recordOf(info)?.model))
  accounts['a']?.fail({ kind: 'quota', retryAfter: 60 })
  for (const model of ['codex/gpt-4o', 'mine']) expect((await ask(byok, { model })).status).toBe(429)
  expect(counts(accounts)).toEqual({ a: 1 })
  expect(models).toEqual(['gpt-4o', 'gpt-4o'])
})

describe('GET /health', () => {
  it('with ?verbose tells how each account is doing, without a secret', async () => {
    const accounts = await startAccounts('a', 'b')
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts, { b: { weight: 2 } }) } } })
    accounts['a']?.fail({ kind: 'quota', retryAfter: 60 })
    await ask(byok)
    const health = async (query: string) => {
      const response = await byok.fetch(new Request(`http://localhost/health${query}`))
      return (await response.json()) as { routing?: unknown }
    }
    expect(await health('')).not.toHaveProperty('routing')
    const verbose = await health('?verbose')
    expect(verbose.routing).toEqual({
      strategy: 'priority',
      accounts: [
        {
          provider: 'codex',
          account: 'a',
          kind: 'api_key',
          weight: 1,
          priority: 0,
          in_flight: 0,
          circuits: [
            {
              model: 'gpt-4o',
              state: 'open',
              cause: 'spent',
              status: 429,
              code: 'insufficient_quota',
              failures: 1,
              until: expect.stringMatching(/^\d{4}-.*Z$/),
            },
          ],
        },
        { provider: 'codex', account: 'b', kind: 'api_key', weight: 2, priority: 0, in_flight: 0, circuits: [] },
      ],
    })
    expect(JSON.stringify(verbose)).not.toContain('sk-test')
  })
})
