import { on, once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { stringify } from 'yaml'
import { openTokenStore } from '../../src/core/store/index.ts'
import { serve } from '../helpers/serve.ts'
import type { Served } from '../helpers/serve.ts'
import { putExpired } from '../core/auth/manager-support.ts'
import { startCodexTokens } from '../upstreams/auth/vendors.ts'
import type { CodeServer } from '../upstreams/auth/code-server.ts'
import { startChatGpt } from '../upstreams/chatgpt.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'
import type { FakeProvider } from '../../src/testing/fake-server.ts'

/** Every request has a connection of its own, so that workers take turns. */
async function ask(url: string, path: string, body?: object): Promise<{ status: number; json: { id?: string } }> {
  return await new Promise((resolve, reject) => {
    const method = body ? 'POST' : 'GET'
    const headers = { 'content-type': 'application/json', authorization: 'Bearer client-key' }
    const asked = request(`${url}${path}`, { method, headers, agent: new Agent() }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) }))
    })
    asked.on('error', reject)
    asked.end(body && JSON.stringify(body))
  })
}

let openai: FakeProvider

beforeAll(async () => {
  openai = await startOpenAIChat()
})

afterAll(() => openai.close())

const configWith = (providers: object = {}) => ({
  server: { keys: ['client-key'] },
  providers: {
    local: { type: 'openai-compatible', api_key: 'sk-test', base_url: openai.url, models: ['m'] },
    ...providers,
  },
})

/** Its first worker listens; the others come. */
async function serveByWorkers(home?: string, providers: object = {}): Promise<Served> {
  return await serve({
    ...(home !== undefined && { home }),
    args: ['--workers', '2'],
    config: configWith(providers),
  })
}

async function end(cli: Served): Promise<void> {
  await cli.dispose()
  expect(cli.stdout() + cli.stderr()).not.toMatch(/sk-test|client-key/)
}

const chat = (cli: Served, model = 'local/m') =>
  ask(cli.url, '/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }] })

describe('byok serve --workers 2', () => {
  let cli: Served
  let accounts: CodeServer
  let chatgpt: FakeProvider

  beforeAll(async () => {
    accounts = await startCodexTokens('strict')
    const home = await mkdtemp(join(tmpdir(), 'byok-workers-'))
    const store = await openTokenStore({ path: join(home, '.byok/tokens.db'), keychain: false })
    const granted = accounts.grant()
    await putExpired(store, granted)
    await store.close()
    chatgpt = await startChatGpt({
      knows: (token) => token !== granted.accessToken && accounts.knows(token),
      accountId: 'before',
    })
    cli = await serveByWorkers(home, {
      codex: { oauth: { token_url: accounts.tokenUrl }, oauth_base_url: chatgpt.url },
    })
    await cli.until(/all workers are up/)
  })

  afterAll(async () => {
    await end(cli)
    await Promise.all([chatgpt.close(), accounts.close()])
  })

  it('refreshes an expired login once for 100 requests at two workers', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => chat(cli, 'codex/gpt-6-sol')))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200))
    expect(accounts.requests.filter(({ path }) => path === '/oauth/token')).toHaveLength(1)
    expect(accounts.faults).toEqual([])
    await cli.until(/"msg":"request".*"worker":1/)
    await cli.until(/"msg":"request".*"worker":2/)
  })

  it('answers for a response whichever worker is asked', async () => {
    const { json } = await ask(cli.url, '/v1/responses', { model: 'local/m', input: 'My name is Ann.' })
    for (let time = 0; time < 4; time++) {
      expect((await ask(cli.url, `/v1/responses/${json.id}`)).json.id).toBe(json.id)
    }
    for (let time = 0; time < 2; time++) {
      const next = { model: 'local/m', input: 'Who am I?', previous_response_id: json.id }
      expect((await ask(cli.url, '/v1/responses', next)).status).toBe(200)
      expect(openai.requests.at(-1)?.text).toContain('My name is Ann.')
    }
  })

  it('takes WebSockets, which go on from what any worker keeps', async () => {
    const { json } = await ask(cli.url, '/v1/responses', { model: 'local/m', input: 'Hello' })
    const sockets = Array.from(
      { length: 4 },
      () =>
        new WebSocket(`${cli.url.replace('http', 'ws')}/v1/responses`, {
          headers: { authorization: 'Bearer client-key' },
        }),
    )
    const types = await Promise.all(
      sockets.map(async (socket) => {
        await once(socket, 'open')
        socket.send(
          JSON.stringify({ type: 'response.create', model: 'local/m', input: 'x', previous_response_id: json.id }),
        )
        for await (const [data] of on(socket, 'message') as AsyncIterable<[Buffer]>) {
          const { type } = JSON.parse(data.toString()) as { type: string }
          if (/completed|failed|error/.test(type)) return type
        }
        return undefined
      }),
    )
    expect(types).toEqual(Array.from({ length: 4 }, () => 'response.completed'))
    for (const socket of sockets) socket.close()
  })
})

describe('byok serve --workers 2, whose processes end', () => {
  async function ownServer(): Promise<Served> {
    const cli = await serveByWorkers()
    onTestFinished(() => end(cli))
    await cli.until(/all workers are up/)
    return cli
  }

  it('goes on when a worker is killed, and has another soon', async () => {
    const cli = await ownServer()
    const { json } = await ask(cli.url, '/v1/responses', { model: 'local/m', input: 'Remember.' })
    const [, pid] = await cli.until(/all workers are up.*"pids":"(\d+) \d+"/)
    process.kill(Number(pid), 'SIGKILL')
    await cli.until(/a worker died; another takes its place.*"signal":"SIGKILL"/)
    expect((await chat(cli)).status).toBe(200)
    await cli.until(/a worker died[^]*all workers are up/)
    for (let time = 0; time < 2; time++) {
      expect((await ask(cli.url, `/v1/responses/${json.id}`)).json.id).toBe(json.id)
    }
    await cli.until(/"msg":"request".*"worker":3/)
  })

  it('has the other begin as all did, and go on with what they have taken over since', async () => {
    const cli = await ownServer()
    const [, pid] = await cli.until(/all workers are up.*"pids":"(\d+) \d+"/)
    const config = configWith()
    const elsewhere = join(cli.home, 'elsewhere.db')
    const next = { ...config, server: { ...config.server, tls: true }, db: elsewhere, models: { mine: 'local/m' } }
    await writeFile(cli.configFile ?? '', stringify(next))
    // The primary and both workers.
    await cli.until(/(config reloaded[^]*){3}/)
    expect(cli.stderr().match(/db has changed in the config: restart byok/g)).toHaveLength(1)
    // One that cannot be read now is nothing that they have taken over.
    await writeFile(cli.configFile ?? '', 'port: [')
    await cli.until(/the config was not reloaded/)
    process.kill(Number(pid), 'SIGKILL')
    await cli.until(/a worker died[^]*all workers are up/)
    while (!/"msg":"request".*"worker":3/.test(cli.stderr())) expect((await chat(cli, 'mine')).status).toBe(200)
    expect(existsSync(elsewhere)).toBe(false)
  })

  it('has the other take over what the config came to say while it started', async () => {
    const home = await mkdtemp(join(tmpdir(), 'byok-workers-'))
    const hold = join(home, 'hold')
    // Waits at a start, with the config read, for as long as there is such a file.
    await writeFile(
      join(home, 'held.mjs'),
      `import { existsSync } from 'node:fs'
      import { setTimeout as delay } from 'node:timers/promises'
      let started = false
      export default { name: 'held', hooks: { async config() {
        if (!started && existsSync('${hold}')) process.stderr.write('held\\n')
        while (!started && existsSync('${hold}')) await delay(10)
        started = true
      } } }`,
    )
    const config = { ...configWith(), plugins: ['./held.mjs'] }
    const cli = await serve({ home, args: ['--workers', '2'], config })
    onTestFinished(() => end(cli))
    const [, pid] = await cli.until(/all workers are up.*"pids":"(\d+) \d+"/)
    await writeFile(hold, '')
    process.kill(Number(pid), 'SIGKILL')
    await cli.until(/held\n/)
    await writeFile(cli.configFile ?? '', stringify({ ...config, models: { mine: 'local/m' } }))
    await cli.until(/(config reloaded[^]*){2}/)
    await rm(hold)
    await cli.until(/a worker died[^]*all workers are up/)
    await cli.until(/(config reloaded[^]*){3}/)
    while (!/"msg":"request".*"worker":3/.test(cli.stderr())) expect((await chat(cli, 'mine')).status).toBe(200)
  })

  it('has workers take over what the primary did, whatever the file says by then', async () => {
    const home = await mkdtemp(join(tmpdir(), 'byok-workers-'))
    // Empties the config once the primary has read it, as whoever writes it anew does first.
    await writeFile(
      join(home, 'emptying.mjs'),
      `import cluster from 'node:cluster'
      import { readFileSync, writeFileSync } from 'node:fs'
      const file = '${join(home, 'test.yaml')}'
      let times = 0
      export default { name: 'emptying', hooks: { config() {
        if (!cluster.isPrimary || ++times !== 2) return
        const text = readFileSync(file, 'utf8')
        writeFileSync(file, '')
        setTimeout(() => writeFileSync(file, text), 1000)
      } } }`,
    )
    const config = { ...configWith(), plugins: ['./emptying.mjs'] }
    const cli = await serve({ home, args: ['--workers', '2'], config })
    onTestFinished(() => end(cli))
    await cli.until(/all workers are up/)
    await writeFile(cli.configFile ?? '', stringify({ ...config, models: { mine: 'local/m' } }))
    await cli.until(/(config reloaded[^]*){3}/)
    // Nobody is served who has no key.
    for (let time = 0; time < 4; time++) {
      const { status } = await fetch(`${cli.url}/v1/models`, { headers: { connection: 'close' } })
      expect(status).toBe(401)
    }
  })

  it('stops once running answers are out', async () => {
    const cli = await ownServer()
    expect((await chat(cli)).status).toBe(200)
    cli.kill('SIGTERM')
    expect(await cli.exited).toBe(0)
    expect([...cli.stdout().matchAll(/is ready at/g)]).toHaveLength(1)
    expect([...cli.stderr().matchAll(/stopping on/g)]).toHaveLength(1)
  })
})
