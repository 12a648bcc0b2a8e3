import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { compile } from '../helpers/compile.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const COMPILED = ['http-server', 'express', 'fastify', 'koa', 'hono', 'nest', 'h3', 'plugin', 'fetch']

let upstream: FakeProvider
let compiled: string
beforeAll(async () => {
  upstream = await startOpenAIChat()
  const { folder, remove } = await compile(COMPILED.map((name) => `examples/${name}.ts`))
  compiled = folder
  return remove
})
afterAll(() => upstream.close())

function start(name: string) {
  // One by the command that the examples name; that compiles all of byok each time.
  const program =
    name === 'standalone'
      ? ['--import', import.meta.resolve('tsx'), 'examples/standalone.ts']
      : [join(compiled, `${name}.js`)]
  const child = spawn(process.execPath, program, {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/nonexistent',
      PORT: '0',
      OPENAI_API_KEY: 'sk-test',
      ACME_API_KEY: 'sk-test',
      BYOK_PROVIDERS__CODEX__BASE_URL: upstream.url,
      ...(name === 'plugin' && { BYOK_PROVIDERS__ACME__BASE_URL: upstream.url }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

describe('the examples', () => {
  it.each([
    ['standalone', 'gpt-4o', undefined],
    ['http-server', 'gpt-4o', 'the program that was here before\n'],
    ['express', 'gpt-4o', 'the app that was here before\n'],
    ['fastify', 'gpt-4o', 'the app that was here before\n'],
    ['koa', 'gpt-4o', 'the app that was here before\n'],
    ['hono', 'gpt-4o', 'the app that was here before\n'],
    ['nest', 'gpt-4o', undefined],
    ['h3', 'gpt-4o', 'the app that was here before\n'],
    ['plugin', 'small', undefined],
  ])('%s.ts answers', async (name, model, host) => {
    const child = start(name)
    let output = ''
    let baseURL: string | undefined
    for await (const text of child.stdout.setEncoding('utf8')) {
      output += String(text)
      baseURL = /listening at (\S+)/.exec(output)?.[1]
      if (baseURL) break
    }
    expect(baseURL).toBeDefined()
    const client = new OpenAI({ baseURL, apiKey: 'unused', maxRetries: 0 })
    upstream.say({ steps: [{ text: ['Hello from ', name] }] })
    const stream = client.chat.completions.stream({ model, messages: [{ role: 'user', content: 'Hi' }] })
    const completion = await stream.finalChatCompletion()
    expect(completion.choices[0]?.message.content).toBe(`Hello from ${name}`)
    if (host !== undefined) expect(await (await fetch(new URL('/', baseURL))).text()).toBe(host)
  })

  it('fetch.ts answers without a port', async () => {
    upstream.say({ steps: [{ text: ['Hi, ', 'salut, ', 'ciao'] }] })
    const child = start('fetch')
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    expect(await once(child, 'close')).toEqual([0, null])
    expect(output).toBe('Hi, salut, ciao\n')
  })

  it.each([
    ['ai-sdk', 1, /^Hi, salut, ciao\n$/],
    ['chat', 2, /Hi, salut, ciao[^]*Hi, salut, ciao$/],
  ])('%s.ts answers without a port', async (name, asked, expected) => {
    for (let i = 0; i < asked; i++) upstream.say({ steps: [{ text: ['Hi, ', 'salut, ', 'ciao'] }] })
    vi.stubEnv('HOME', '/nonexistent')
    vi.stubEnv('OPENAI_API_KEY', 'sk-test')
    vi.stubEnv('BYOK_PROVIDERS__CODEX__BASE_URL', upstream.url)
    vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', `${name}.ts`, 'gpt-4o'])
    let output = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += String(text)
      return true
    })
    vi.spyOn(console, 'log').mockImplementation((...words) => void (output += JSON.stringify(words)))
    await import(`../../examples/${name}.ts`)
    expect(output).toMatch(expected)
  })

  describe('as modules of a framework', () => {
    beforeEach(() => {
      vi.stubEnv('HOME', '/nonexistent')
      vi.stubEnv('OPENAI_API_KEY', 'sk-test')
      vi.stubEnv('BYOK_PROVIDERS__CODEX__BASE_URL', upstream.url)
    })

    /** Streams through a handler, and gives up on the first piece of a second answer. */
    async function use(handler: (url: string, init?: RequestInit) => Promise<Response>) {
      const client = new OpenAI({
        baseURL: 'http://localhost/ai/v1',
        apiKey: 'unused',
        maxRetries: 0,
        fetch: (input, init) => handler(new Request(input).url, init),
      })
      const ask = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hi' }] }
      upstream.say({ steps: [{ text: ['Hello from ', 'a module'] }] })
      const completion = await client.chat.completions.stream(ask).finalChatCompletion()
      expect(completion.choices[0]?.message.content).toBe('Hello from a module')
      upstream.say({ steps: [{ text: 'one' }, { wait: new Promise(() => {}) }] })
      const stream = await client.chat.completions.create({ ...ask, stream: true })
      for await (const { choices } of stream) if (choices[0]?.delta.content === 'one') break
      expect(await upstream.requests.at(-1)?.aborted).toBe(true)
      return await handler('http://localhost/ai/v1/models')
    }

    // With Next's own requests, and built by it: `npm run test:runtimes`.
    it('next.ts answers as a route handler', async () => {
      const { GET, POST, runtime } = await import('../../examples/next.ts')
      expect(runtime).toBe('nodejs')
      const models = await use((url, init = {}) => {
        const handler = init.method === 'POST' ? POST : GET
        return handler(new Request(url, init))
      })
      expect(models.status).toBe(200)
    })

    it('nitro.ts answers as a route of Nitro’s own h3', async () => {
      const { H3 } = await import('nitro/h3')
      const { default: handler } = await import('../../examples/nitro.ts')
      const app = new H3().all('/ai/**', handler)
      const models = await use(async (url, init) => await app.fetch(new Request(url, init)))
      expect(models.status).toBe(200)
    })
  })

  it('worker.ts answers with the settings it is handed, and leaves no file', async () => {
    const home = await mkdtemp(join(tmpdir(), 'byok-worker-'))
    onTestFinished(() => rm(home, { recursive: true }))
    vi.stubEnv('HOME', home)
    const { default: worker } = await import('../../examples/worker.ts')
    upstream.say({ steps: [{ text: ['Hello from ', 'a worker'] }] })
    const client = new OpenAI({
      baseURL: 'http://localhost/ai/v1',
      apiKey: 'unused',
      maxRetries: 0,
      fetch: (input, init) =>
        worker.fetch(new Request(input, init), { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: upstream.url }),
    })
    const stream = client.chat.completions.stream({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] })
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe('Hello from a worker')
    expect(await readdir(home)).toEqual([])
  })
})
