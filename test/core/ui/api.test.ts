import { readFile, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { listen } from '../../../src/adapters/listen.ts'
import { SESSION_LIFETIME } from '../../../src/core/clients/admin-sessions.ts'
import { apiKey, ChatError, definePlugin, openaiChat } from '../../../src/index.ts'
import type { ConfigView } from '../../../src/core/ui/types.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { FakeServer } from '../../../src/testing/fake-server.ts'
import { eventsOf, startPage } from './page-support.ts'

const CANARY = 'CANARY-key-of-acme'
const PROMPT = 'CANARY-prompt'
const ANSWER = 'CANARY-answer'

const chunk = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'large', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

const acme = definePlugin({
  name: 'acme',
  title: 'Acme',
  models: ['large'],
  auth: [apiKey({ env: ['ACME_API_KEY'] })],
  translator: openaiChat(),
  executor: ({ fetch }) => fetch(vendor.url),
})

let vendor: FakeServer
beforeAll(async () => {
  vendor = await startFakeServer((_request, reply) =>
    reply.send(200, `${chunk({ content: ANSWER }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`, {
      'content-type': 'text/event-stream',
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '25',
    }),
  )
})
afterAll(() => vendor.close())

const CONFIG = `# Kept.\nport: 0\nproviders:\n  acme: { api_key: ${CANARY} }\n`

const start = (config = CONFIG, headers: Record<string, string> = {}) => startPage(config, { plugins: [acme], headers })

it('nobody without a session or an admin key reaches what is below /ui/api', async () => {
  const { url } = await start()
  for (const path of ['events', 'usage', 'models', 'config', 'setup']) {
    expect((await fetch(`${url}/ui/api/${path}`)).status).toBe(403)
  }
  for (const path of ['chat', 'sign-in', 'sign-in/redirect', 'sign-out', 'wake', 'keys', 'config/check']) {
    expect((await fetch(`${url}/ui/api/${path}`, { method: 'POST', body: '{}' })).status).toBe(403)
  }
  expect((await fetch(`${url}/ui/api/config`, { method: 'PUT', body: '{}' })).status).toBe(403)
})

it('where there are keys, a session is for who sends one that administers', async () => {
  const keys = 'server: { keys: [{ key: root, label: root, admin: true }, { key: chat, label: chat }] }\n'
  const { opened, url, get } = await start(CONFIG + keys, { authorization: 'Bearer root' })
  expect(opened.status).toBe(200)
  expect((await get('config')).status).toBe(200)
  expect((await fetch(`${url}/ui/api/session`, { method: 'POST' })).status).toBe(403)
  const headers = { authorization: 'Bearer chat' }
  expect((await fetch(`${url}/ui/api/session`, { method: 'POST', headers })).status).toBe(403)
})

it('is told of requests as they go, of accounts and their limits; never of keys, prompts or answers', async () => {
  const { get, send } = await start()
  const stop = new AbortController()
  const events = eventsOf(await get('events', { signal: stop.signal }))
  expect(await events.next()).toMatchObject({
    value: {
      event: 'overview',
      data: {
        providers: expect.arrayContaining([expect.objectContaining({ name: 'acme', key: { env: 'ACME_API_KEY' } })]),
        accounts: [{ provider: 'acme', kind: 'api_key', signedInBy: 'API key', state: 'ok', removable: true }],
      },
    },
  })
  expect(await events.next()).toMatchObject({ value: { event: 'requests', data: [] } })
  const body = { model: 'acme/large', stream: true, messages: [{ role: 'user', content: PROMPT }] }
  expect(await (await send('chat', body)).text()).toContain(ANSWER)
  const told: string[] = []
  const seen = { request: false, quota: false }
  while (!seen.request || !seen.quota) {
    const { value } = await events.next()
    if (!value) throw new Error('the events ended')
    told.push(value.text)
    if (value.event === 'changed') {
      seen.request = value.data.some(
        (one: object) => 'outcome' in one && one.outcome === 'ok' && 'sentBytes' in one && Number(one.sentBytes) > 0,
      )
    } else seen.quota = value.data.accounts?.[0]?.quotas?.[0]?.used === 0.75
  }
  stop.abort()
  for (const path of ['usage', 'models', 'config', 'setup']) {
    const answer = await get(path)
    expect(answer.status).toBe(200)
    told.push(await answer.text())
  }
  for (const secret of [CANARY, PROMPT, ANSWER]) expect(told.join()).not.toContain(secret)
})

it('a config is changed without its secrets leaving: checked, kept as its owner’s alone with what was before, taken over', async () => {
  const { byok, file, get, send } = await start()
  const view = (await (await get('config')).json()) as ConfigView
  expect(JSON.stringify(view)).not.toContain(CANARY)
  const { path, version, text } = view.files.find((one) => one.path === file) ?? {}
  const bad = { path, version, text: `${text}routing: { strategy: nothing }\n` }
  expect(await (await send('config', bad, 'PUT')).json()).toMatchObject({
    valid: false,
    problems: [{ key: 'routing.strategy', line: 5 }],
  })
  expect(await readFile(file, 'utf8')).toBe(CONFIG)
  const good = { path, version, text: `${text}routing: { strategy: round-robin }\n` }
  expect(await (await send('config/check', good)).json()).toMatchObject({ valid: true })
  expect(await readFile(file, 'utf8')).toBe(CONFIG)
  expect(await (await send('config', good, 'PUT')).json()).toMatchObject({ valid: true })
  expect(await readFile(file, 'utf8')).toBe(`${CONFIG}routing: { strategy: round-robin }\n`)
  expect(await readFile(`${file}.bak`, 'utf8')).toBe(CONFIG)
  for (const one of [file, `${file}.bak`]) expect((await stat(one)).mode & 0o777).toBe(0o600)
  expect(byok.config.routing.strategy).toBe('round-robin')
  // Saved over what is there no more.
  expect((await send('config', good, 'PUT')).status).toBe(409)
  expect((await send('config', { ...good, path: '/etc/hosts' }, 'PUT')).status).toBe(400)
})

it('of two that save at once, one is refused, and nothing of it is written', async () => {
  const { file, get, send } = await start()
  const view = (await (await get('config')).json()) as ConfigView
  const { path, version, text } = view.files.find((one) => one.path === file) ?? {}
  const save = (max: number) =>
    send('config', { path, version, text: `${text}routing: { max_attempts: ${max} }\n` }, 'PUT')
  const [one, other] = await Promise.all([save(2), save(3)])
  expect([one.status, other.status].sort()).toEqual([200, 409])
  const kept = one.status === 200 ? 2 : 3
  expect(await readFile(file, 'utf8')).toBe(`${CONFIG}routing: { max_attempts: ${kept} }\n`)
})

it('keys come and go in the config file, and its comments stay', async () => {
  const { byok, file, send } = await start()
  expect((await send('keys', { provider: 'acme', key: 'CANARY-second' })).status).toBe(200)
  expect(await readFile(file, 'utf8')).toMatch(/^# Kept\.[^]*CANARY-second/)
  expect(await byok.auth.status()).toHaveLength(2)
  const [first, second] = await byok.auth.status()
  for (const one of [second, first]) {
    const answer = await send('sign-out', { provider: 'acme', account: one?.account, kind: 'api_key' })
    expect(answer.status, await answer.clone().text()).toBe(200)
  }
  expect(await byok.auth.status()).toEqual([])
  expect(await readFile(file, 'utf8')).not.toContain('CANARY')
  const spaced = await send('keys', { provider: 'acme', key: 'CANARY with spaces' })
  expect(spaced.status).toBe(400)
  expect(await spaced.text()).not.toContain('CANARY')
})

it('ends the rests of an account', async () => {
  const { byok, send } = await start()
  const [account] = (await byok.routing.lists.for(byok.registry.candidates('acme/large'))).all
  if (!account) throw new Error('no account')
  const { circuits } = byok.routing
  const rest = () =>
    circuits
      .begin(account)
      .fail(new ChatError('Spent.', { status: 429, retryAfter: 432_000 }), 'spent', { min: 1000, max: 1000 })
  rest()
  const { provider, credential } = account
  expect((await send('wake', { provider: 'acme', account: 'another', kind: 'api_key' })).status).toBe(200)
  expect(byok.routing.resting).toHaveLength(1)
  const named = { provider: provider.name, account: credential.account, kind: credential.kind }
  expect((await send('wake', named)).status).toBe(200)
  expect(byok.routing.resting).toEqual([])
  expect(circuits.of(account).state).toBe('closed')
})

it.each(['providers:\n  # acme:\n  #   weight: 2\n', 'providers:\n  acme:\n    # Empty.\n', '# Nothing yet.\n'])(
  'a key finds its place in a config without any: %j',
  async (text) => {
    const { byok, file, send } = await start(`port: 0\n${text}`)
    expect((await send('keys', { provider: 'acme', key: CANARY })).status).toBe(200)
    expect(await byok.auth.status()).toMatchObject([{ provider: 'acme', kind: 'api_key' }])
    for (const comment of text.match(/#.*/g) ?? []) expect(await readFile(file, 'utf8')).toContain(comment)
  },
)

it('says what was used, which models there are, and how tools are set up', async () => {
  const { get, url } = await start()
  const usage = await (await get('usage?days=3')).json()
  expect(usage).toMatchObject({ days: [expect.any(String), expect.any(String), expect.any(String)] })
  expect((await get('usage?days=0')).status).toBe(400)
  expect(await (await get('models')).json()).toEqual([{ id: 'large', provider: 'acme' }])
  const tools = await (await get(`setup?url=${url}`)).json()
  expect(JSON.stringify(tools)).toContain(`${url}/v1`)
  expect(JSON.stringify(tools)).not.toContain(CANARY)
  expect(await (await get('setup?url=')).json()).toEqual(await (await get('setup')).json())
  for (const wrong of ['nonsense', '%00', 'http://[', 'javascript:alert(1)', `${url}?a=b`]) {
    const answer = await get(`setup?url=${wrong}`)
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param: 'url' } }])
  }
})

it('is gone as soon as config says `ui: false`', async () => {
  const { byok, file, get, url } = await start()
  const open = eventsOf(await get('events'))
  await writeFile(file, `${CONFIG}ui: false\n`)
  await byok.reload()
  while (!(await open.next()).done);
  for (const path of ['/ui', '/ui/app.js', '/ui/api/config']) expect((await fetch(url + path)).status).toBe(404)
  expect((await get('config')).status).toBe(404)
})

it('an open page is told nothing any more once its key is taken away', async () => {
  const keys = 'server: { keys: [{ key: root, label: root, admin: true }, { key: other, label: other }] }\n'
  const { byok, file, get } = await start(CONFIG + keys, { authorization: 'Bearer root' })
  const open = eventsOf(await get('events'))
  expect((await open.next()).value?.event).toBe('overview')
  await writeFile(file, CONFIG + keys.replace(', admin: true', ''))
  await byok.reload()
  while (!(await open.next()).done);
})

it.each([
  ['that nobody needed a key for', '', {}],
  [
    'that a key opened',
    'server: { keys: [{ key: root, label: root, admin: true }] }\n',
    { authorization: 'Bearer root' },
  ],
])('an open page is told nothing any more once its session is over, one %s', async (_, keys, headers) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const { get } = await start(CONFIG + keys, headers)
  const open = eventsOf(await get('events'))
  expect((await open.next()).value?.event).toBe('overview')
  vi.advanceTimersByTime(SESSION_LIFETIME)
  while (!(await open.next()).done);
  expect((await get('events')).status).toBe(403)
})

it('a page that sends a key has no session to be over', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const keys = 'server: { keys: [{ key: root, label: root, admin: true }] }\n'
  const { url } = await start(CONFIG + keys)
  const open = eventsOf(await fetch(`${url}/ui/api/events`, { headers: { authorization: 'Bearer root' } }))
  await open.next()
  vi.advanceTimersByTime(SESSION_LIFETIME)
  // More than it began with: it was asked about again, and is told on.
  for (let told = 0; told < 2; told++) expect((await open.next()).done).toBe(false)
})

it('an open page does not hold up the end of the server', async () => {
  const { get, byok } = await start()
  const reader = (await get('events')).body?.getReader()
  const server = await listen(byok, { port: 0 })
  await server.close()
  let ended = false
  while (!ended) ended = (await reader?.read())?.done ?? true
  expect(ended).toBe(true)
})
