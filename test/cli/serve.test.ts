import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import OpenAI from 'openai'
import { describe, expect, it, onTestFinished } from 'vitest'
import { version } from '../../src/core/version.ts'
import { runCli, serve } from '../helpers/serve.ts'
import type { CliOptions } from '../helpers/serve.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'

async function run(command: string[], options?: CliOptions) {
  const cli = await runCli(command, options)
  onTestFinished(() => cli.dispose())
  return cli
}

async function up(options: CliOptions = {}) {
  const cli = await serve(options)
  onTestFinished(() => cli.dispose())
  return cli
}

describe('byok', () => {
  it('tells its version and its help', async () => {
    const told = await run(['--version'])
    expect(await told.exited).toBe(0)
    expect(told.stdout().trim()).toBe(version)
    const help = await run(['serve', '--help'])
    expect(await help.exited).toBe(0)
    expect(help.stdout() + help.stderr()).toMatch(/--port/)
  })

  it.each([
    ['an unknown option', ['serve', '--prot', '1'], /unknown option --prot\. Did you mean --port/],
    ['a port that is none', ['serve', '-p', 'many'], /--port: port: expected a number/],
    ['a number of workers that is none', ['serve', '--workers', 'x'], /^byok: --workers: server\.workers: expected/],
    ['a file that is not named', ['serve', '-c', ''], /the config file has no name: give `-c FILE`/],
    ['an address that is none', ['serve', '--host', '999.1.1.1'], /999\.1\.1\.1 is no address of this machine/],
  ])('refuses %s with code 2', async (_, command, message) => {
    const cli = await run(command)
    expect(await cli.exited).toBe(2)
    expect(cli.stderr()).toMatch(message)
  })

  it('refuses a plugin that is not there with code 2', async () => {
    const cli = await run(['serve'], { config: 'plugins: [byok-plugin-acme]\n' })
    expect(await cli.exited).toBe(2)
    expect(cli.stderr()).toMatch(/byok-plugin-acme/)
  })

  it('ends without a word where nobody reads its answer', async () => {
    const cli = await run(['config', 'schema'])
    cli.stopReading('stdout')
    expect(await cli.exited).toBe(0)
    expect(cli.stderr()).toBe('')
  })

  it('refuses a broken config with code 2, naming file, line and key', async () => {
    const cli = await run(['serve'], { config: 'port: 0\nprovders: {}\n' })
    expect(await cli.exited).toBe(2)
    expect(cli.stderr()).toMatch(/test\.yaml:2: provders: .*"providers"/)
  })
})

describe('byok serve', () => {
  it('says who is ready and who needs what', async () => {
    const without = await up()
    expect(without.stdout()).toMatch(/! codex\s+Set providers\.codex\.api_key \(or OPENAI_API_KEY/)
    const ready = await up({
      env: { OPENAI_API_KEY: 'sk-canary-1', BYOK_PROVIDERS__CODEX__BASE_URL: 'http://127.0.0.1:9/v1' },
    })
    expect(ready.stdout()).toMatch(/\+ codex\s+API key from OPENAI_API_KEY/)
    expect(ready.stdout() + ready.stderr()).not.toContain('sk-canary-1')
  })

  it('serves on when nobody reads its log any more', async () => {
    const cli = await up()
    cli.stopReading('stdout', 'stderr')
    for (let times = 0; times < 3; times++) expect((await fetch(`${cli.url}/health`)).status).toBe(200)
    cli.kill('SIGTERM')
    expect(await cli.exited).toBe(0)
  })

  it.skipIf(!existsSync('/dev/full'))('serves on where its log can be written nowhere', async () => {
    const cli = await up({ stderrTo: '/dev/full' })
    for (let times = 0; times < 3; times++) expect((await fetch(`${cli.url}/health`)).status).toBe(200)
    cli.kill('SIGTERM')
    expect(await cli.exited).toBe(0)
  })

  it('says so when the port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const cli = await run(['serve', '-p', String(port)])
    expect(await cli.exited).toBe(1)
    expect(cli.stdout()).toBe('')
    expect(cli.stderr()).toMatch(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken`))
  })

  it('does not open itself to the network without a key', async () => {
    const cli = await run(['serve', '-p', '0', '--host', '0.0.0.0'])
    expect(await cli.exited).toBe(2)
    expect(cli.stderr()).toMatch(/server\.keys/)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('lets a running stream end on %s, and then stops', async (signal) => {
    const upstream = await startOpenAIChat()
    onTestFinished(() => upstream.close())
    const cli = await up({ config: { providers: { codex: { api_key: 'sk-test', base_url: upstream.url } } } })
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    upstream.say({ steps: [{ text: 'Hel' }, { wait: held }, { text: 'lo' }] })
    const client = new OpenAI({ baseURL: `${cli.url}/v1`, apiKey: 'unused', maxRetries: 0 })
    const stream = await client.chat.completions.create({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Hi, canary-prompt' }],
      stream: true,
    })
    let text = ''
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      if (text !== 'Hel') continue
      cli.kill(signal)
      await cli.until(/stopping on/)
      release()
    }
    expect(text).toBe('Hello')
    expect(await cli.exited).toBe(0)
    await cli.until(/"msg":"request".*"status":200.*"provider":"codex"/)
    expect(cli.stdout() + cli.stderr()).not.toMatch(/sk-test|canary-prompt/)
  })
})
