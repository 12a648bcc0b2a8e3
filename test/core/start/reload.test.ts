import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ChannelListener } from 'node:diagnostics_channel'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fixedSettings } from '../../../src/core/config/fixed.ts'
import { loadConfig } from '../../../src/core/config/index.ts'
import { watchFiles } from '../../../src/core/config/watch.ts'
import { Reloader } from '../../../src/core/start/reload.ts'
import { createByok } from '../../../src/index.ts'
import type { Byok, ByokOptions } from '../../../src/index.ts'
import { listen } from '../../../src/adapters/listen.ts'
import { createMemoryTokenStore, StoreError } from '../../../src/core/store/index.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { ask, keysOf, open, startAccounts } from '../exchange/support.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'byok-reload-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** A byok of one config file, and what it logged. */
async function start(config: object, options: ByokOptions = {}) {
  const home = await folder()
  const file = join(home, 'config.yaml')
  const write = (next: object | string) => writeFile(file, typeof next === 'string' ? next : stringify(next))
  await write(config)
  const log: string[] = []
  const note = (message: string) => void log.push(message)
  const byok: Byok = await createByok({
    configFile: file,
    env: { HOME: home },
    cwd: home,
    store: createMemoryTokenStore(),
    logger: { error: note, warn: note, info: note, debug: () => {} },
    ...options,
  })
  onTestFinished(() => byok.close())
  return { byok, write, log, file }
}

/** What Node tells of a request to a byok that listens there. */
async function requestAt(url: string): Promise<{ server: Server }> {
  let found: { server: Server } | undefined
  const path = `/health?${randomUUID()}`
  const look: ChannelListener = (message) => {
    const { request, server } = message as { request: IncomingMessage; server: Server }
    if (request.url === path) found = { server }
  }
  subscribe('http.server.request.start', look)
  await fetch(`${url}${path}`)
  unsubscribe('http.server.request.start', look)
  if (!found) throw new Error('Node told of no request')
  return found
}

describe('a config that is read again', () => {
  it('takes effect on the next request, and leaves running streams alone', async () => {
    const accounts = await startAccounts('a', 'b')
    const [a, b] = keysOf(accounts)
    const { byok, write } = await start({ providers: { codex: { api_keys: [a] } } })
    let release = () => {}
    accounts['a']?.say({
      steps: [{ text: 'Hel' }, { wait: new Promise<void>((resolve) => (release = resolve)) }, { text: 'lo' }],
    })
    const stream = await open(byok, { stream: true })
    await write({ providers: { codex: { api_keys: [b] } }, upstream: { idle_timeout: '7s' } })
    await byok.reload()
    expect((await ask(byok)).headers.get('x-byok-account')).toBe('b')
    release()
    const text = await stream.text()
    expect(text).toContain('"lo"')
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
  })

  it('is in effect though its logins cannot be looked up, and says so', async () => {
    const memory = createMemoryTokenStore()
    const { byok, write, log } = await start({}, { store: memory })
    vi.spyOn(memory, 'list').mockRejectedValue(new StoreError('unavailable', 'The connection was lost.'))
    await write({ providers: { claude: { logins: { ann: { weight: 2 } } } } })
    await byok.reload()
    expect(byok.config.providers['claude']?.logins).toMatchObject({ ann: { weight: 2 } })
    expect(log.join('\n')).toMatch(/logins .*The connection was lost/)
    expect(log).toContain('config reloaded')
  })

  it('changes models, names, strategy, client keys and settings', async () => {
    const accounts = await startAccounts('a')
    const provider = { api_keys: keysOf(accounts) }
    const { byok, write } = await start({ providers: { codex: provider } })
    expect((await ask(byok, { model: 'mine' })).status).toBe(404)
    await write({
      models: { mine: 'codex/gpt-4o' },
      routing: { strategy: 'least-busy' },
      server: { keys: ['client-key'] },
      providers: { codex: { ...provider, models: ['gpt-new'] } },
    })
    await byok.reload()
    expect((await ask(byok, { model: 'mine' })).status).toBe(401)
    const headers = { authorization: 'Bearer client-key' }
    expect((await ask(byok, { model: 'mine' }, { headers })).status).toBe(200)
    expect((await ask(byok, { model: 'gpt-new' }, { headers })).status).toBe(200)
    expect(byok.config.routing.strategy).toBe('least-busy')
  })

  it.each([
    ['no YAML', 'port: [', /config\.yaml:1.*bad YAML/],
    ['an unknown key', 'rooting: {}\n', /config\.yaml:1: rooting: unknown key\. Did you mean "routing"/],
    [
      'a strategy there is not',
      'routing:\n  strategy: round-robbin\n',
      /config\.yaml:2: routing\.strategy.*"round-robin"/,
    ],
  ])('stays the last good one where the new one is wrong: %s', async (_, broken, words) => {
    const accounts = await startAccounts('a')
    const config = { providers: { codex: { api_keys: keysOf(accounts) } } }
    const { byok, write, log } = await start(config)
    await write(broken)
    await expect(byok.reload()).rejects.toThrow(words)
    expect(log.join('\n')).toMatch(words)
    expect((await ask(byok)).status).toBe(200)
    await write({ ...config, models: { mine: 'codex/gpt-4o' } })
    await byok.reload()
    expect((await ask(byok, { model: 'mine' })).status).toBe(200)
  })

  it('learns the models of a provider that was added or moved, where lists are wanted', async () => {
    const [one, two] = [await startOpenAIChat({ models: ['one'] }), await startOpenAIChat({ models: ['two'] })]
    onTestFinished(async () => void (await Promise.all([one.close(), two.close()])))
    const at = (base_url: string) => ({ type: 'openai-compatible', base_url, api_key: 'sk-test' })
    const { byok, write } = await start({})
    await byok.modelLists.touch(byok.registry.providers)
    const served = async (model: string) => (await ask(byok, { model })).status
    await write({ providers: { p: at(one.url) } })
    await byok.reload()
    await expect.poll(() => served('one')).toBe(200)
    await write({ providers: { p: at(two.url) } })
    await byok.reload()
    await expect.poll(() => served('two')).toBe(200)
    expect(await served('one')).toBe(404)
    expect(one.requests.at(-1)?.path).toBe('/v1/chat/completions')
  })

  it('gives requests as long to arrive as it says', async () => {
    const { byok, write } = await start({ server: { request_timeout: '3s' } })
    const listening = await listen(byok, { port: 0 })
    onTestFinished(() => listening.close(0))
    const { server } = await requestAt(listening.url)
    expect([server.requestTimeout, server.headersTimeout]).toEqual([3000, 3000])
    await write({ server: { request_timeout: '5m' } })
    await byok.reload()
    expect([server.requestTimeout, server.headersTimeout]).toEqual([300_000, 30_000])
    await write({ server: { request_timeout: 0 } })
    await byok.reload()
    expect([server.requestTimeout, server.headersTimeout]).toEqual([0, 30_000])
  })

  it('says what needs a restart, and keeps it as it was', async () => {
    const { byok, write, log } = await start({ port: 4001, host: '127.0.0.1' })
    const responses = { lifetime: '1h' }
    await write({ port: 4002, host: '::1', db: 'elsewhere.db', plugins: ['byok-plugin-x'], responses })
    const keys = ['port', 'host', 'db', 'plugins', 'responses']
    expect((await byok.reload()).restart).toEqual(keys)
    for (const key of keys) expect(log.join('\n')).toMatch(new RegExp(`${key} has changed.*restart`))
    expect(byok.config).toMatchObject({ port: 4001, host: '127.0.0.1', plugins: [] })
  })

  it('says so of every key that is fixed at the start, and keeps each', async () => {
    const others: Record<string, unknown> = {
      port: 4002,
      host: '::1',
      db: 'elsewhere.db',
      cache: 'redis://127.0.0.1:1',
      plugins: ['byok-plugin-x'],
      responses: { lifetime: '1h' },
      metrics: { enabled: true },
      telemetry: { headers: { 'x-key': 'another' } },
      'server.tls': { cert: 'cert.pem', key: 'key.pem' },
      'server.workers': 2,
    }
    const { byok, write } = await start({ telemetry: { headers: { 'x-key': 'one' } } })
    const before = byok.config
    expect(Object.keys(others).sort()).toEqual([...fixedSettings(before).keys()].sort())
    for (const key of fixedSettings(before).keys()) {
      const [first = '', part] = key.split('.')
      await write({ [first]: part === undefined ? others[key] : { [part]: others[key] } })
      const restart = key === 'telemetry' ? [key] : [key, 'telemetry']
      expect((await byok.reload()).restart.sort(), key).toEqual(restart.sort())
      expect(byok.config, key).toEqual(before)
    }
  })

  it('may not take the keys from a byok that others can reach', async () => {
    const { byok, write } = await start({ server: { keys: ['client-key'] } })
    const listening = await listen(byok, { port: 0, host: '0.0.0.0' })
    onTestFinished(() => listening.close(0))
    await write({ server: { keys: [] } })
    await expect(byok.reload()).rejects.toThrow()
    expect(byok.config.server.keys).toHaveLength(1)
  })

  it('is seen by a hook, which may refuse it', async () => {
    const ports: number[] = []
    const { byok, write } = await start(
      {},
      {
        hooks: {
          config: ({ log, port }) => {
            ports.push(port)
            if (log.level === 'debug') throw new Error('no debugging here')
          },
        },
      },
    )
    await write({ log: { level: 'debug' } })
    await expect(byok.reload()).rejects.toThrow()
    expect(byok.config.log.level).toBe('info')
    expect(ports).toHaveLength(2)
  })

  it('is read by itself once a file changes, where that is wanted', async () => {
    const accounts = await startAccounts('a')
    const config = { providers: { codex: { api_keys: keysOf(accounts) } } }
    const { byok, write, log } = await start(config, { watch: true })
    // Again and again: the first look at the file may come after the first change.
    for (let tries = 0; !log.includes('config reloaded'); tries++) {
      await write({ ...config, models: { mine: 'codex/gpt-4o', [`try-${tries}`]: 'codex/gpt-4o' } })
      await vi.waitFor(() => expect(log).toContain('config reloaded'), 2000).catch(() => {})
    }
    expect((await ask(byok, { model: 'mine' })).status).toBe(200)
  })
})

it('a file that says nothing any more, or only its beginning, counts once there was time to write it', async () => {
  const home = await folder()
  const file = join(home, 'config.yaml')
  await writeFile(file, 'server: { keys: [of-config] }')
  const loaded = await loadConfig({ cwd: home, env: {}, configFile: file, files: false })
  const keys: number[] = []
  const reloader = new Reloader({
    loaded,
    started: loaded.finish([]).config,
    plugins: () => [],
    async apply({ config }) {
      keys.push(config.server.keys.length)
      return []
    },
    logger: { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} },
  })

  await writeFile(file, '')
  expect(await reloader.changed(false)).toBe(false)
  expect(keys).toEqual([])
  await writeFile(file, 'server: { keys: [another] }')
  expect(await reloader.changed(false)).toBe(true)
  expect(keys).toEqual([1])
  await writeFile(file, 'port: 1\nserver:\n  keys:\n    - another\n    - one-more\n')
  expect(await reloader.changed(false)).toBe(true)
  expect(keys).toEqual([1, 2])
  for (const beginning of ['port: 1\nserver:\n', 'port: 1\nserver:\n  keys:\n    - another\n    - one']) {
    await writeFile(file, beginning)
    expect(await reloader.changed(false)).toBe(false)
  }
  await writeFile(file, 'server: { keys: [another] }')
  expect(await reloader.changed(false)).toBe(true)
  expect(keys).toEqual([1, 2, 1])
  await writeFile(file, '\n')
  expect(await reloader.changed(false)).toBe(false)
  expect(await reloader.changed(true)).toBe(true)
  expect(keys).toEqual([1, 2, 1, 0])
})

it('a change that is not believed is looked at once more', async () => {
  const path = join(await folder(), 'config.yaml')
  const asked: boolean[] = []
  const end = watchFiles(
    [path],
    async (settled) => {
      asked.push(settled)
      return settled
    },
    { interval: 10, debounce: 1, settle: 20 },
  )
  onTestFinished(end)
  await writeFile(path, 'a')
  await vi.waitFor(() => expect(asked).toEqual([false, true]), 10_000)
})

it('files that come, change and go are noticed, and a folder that is not there yet', async () => {
  const home = await folder()
  const path = join(home, 'new', 'config.yaml')
  const onChange = vi.fn(async () => true)
  onTestFinished(watchFiles([path], onChange, { interval: 10, debounce: 1 }))
  const { mkdir } = await import('node:fs/promises')
  await mkdir(join(home, 'new'))
  for (const step of [() => writeFile(path, 'a'), () => writeFile(path, 'longer'), () => rm(path)]) {
    onChange.mockClear()
    await step()
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), 10_000)
  }
})
