import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TSX = import.meta.resolve('tsx')

let upstream: FakeProvider
beforeAll(async () => {
  upstream = await startOpenAIChat()
})
afterAll(() => upstream.close())

function start(name: string) {
  const child = spawn(process.execPath, ['--import', TSX, `examples/${name}.ts`], {
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
})
