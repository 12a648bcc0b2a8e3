import OpenAI from 'openai'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { commandLine, makeHome } from '../helpers/command-line.ts'
import { serve } from '../helpers/serve.ts'
import { keyOf, keysOf, startAccounts } from '../core/exchange/support.ts'

vi.setConfig({ testTimeout: 90_000 })

/** A served byok with two accounts, its home, and a client of it. */
async function served(routing: object = {}) {
  const accounts = await startAccounts('a', 'b')
  const config = {
    routing,
    server: { keys: [{ key: 'client-key', label: 'editor' }] },
    providers: { codex: { api_keys: keysOf(accounts) } },
  }
  const run = await serve({ config })
  onTestFinished(() => run.dispose())
  const client = new OpenAI({ baseURL: `${run.url}/v1`, apiKey: 'client-key', maxRetries: 0 })
  const chat = (more: object = {}) =>
    client.chat.completions
      .create({ model: 'codex/gpt-4o', messages: [{ role: 'user', content: 'Hi' }], ...more })
      .withResponse()
  const cli = async (...command: string[]) => {
    const next = await commandLine(command, { home: run.home, config })
    for (const label of ['a', 'b']) expect(next.stdout + next.stderr).not.toContain(keyOf(label))
    return next
  }
  const stop = async (from = run) => {
    from.kill('SIGTERM')
    expect(await from.exited).toBe(0)
  }
  return { accounts, config, run, client, chat, cli, stop }
}

describe('byok usage', () => {
  it('says of a broken file of its own to move it away, and not to log in again', async () => {
    const home = await makeHome()
    await mkdir(join(home, '.byok'), { mode: 0o700 })
    await writeFile(join(home, '.byok', 'usage.db'), 'some text of another program, long enough\n')
    const { code, stderr } = await commandLine(['usage'], { home })
    expect(code).toBe(1)
    expect(stderr).toMatch(/usage\.db is no usable usage database .* or move it away\.\n$/)
  })

  it('tells what was used, after the openai client used it', async () => {
    const { accounts, chat, cli, stop, client } = await served()
    accounts['a']?.say({ steps: [{ text: 'x' }], usage: { input: 12, output: 3, cachedInput: 4, reasoning: 2 } })
    await chat()
    accounts['a']?.say({ steps: [{ text: 'x' }], usage: { input: 8, output: 2 } })
    const { data: stream } = await client.chat.completions
      .create({
        model: 'codex/gpt-4o-mini',
        messages: [{ role: 'user', content: 'Hi' }],
        stream: true,
        stream_options: { include_usage: true },
      })
      .withResponse()
    for await (const chunk of stream) void chunk
    await expect(chat({ model: 'nothing-like-it' })).rejects.toMatchObject({ status: 404 })
    await stop()

    const { stdout } = await cli('usage', '--json', '--since', '1h')
    expect(JSON.parse(stdout)).toMatchObject({
      by: 'model',
      groups: expect.arrayContaining([
        expect.objectContaining({
          key: 'gpt-4o',
          requests: 1,
          errors: 0,
          input_tokens: 12,
          output_tokens: 3,
          cached_tokens: 4,
          reasoning_tokens: 2,
          first_token_ms: expect.any(Number),
          duration_ms: expect.any(Number),
        }),
        expect.objectContaining({ key: 'gpt-4o-mini', requests: 1, input_tokens: 8, output_tokens: 2 }),
        expect.objectContaining({ key: 'nothing-like-it', requests: 1, errors: 1 }),
      ]),
      total: { requests: 3, errors: 1, input_tokens: 20, output_tokens: 5, cached_tokens: 4 },
    })
    const table = await cli('usage', '--by', 'client')
    expect(table.stdout).toMatch(/│ Client +│ +Requests │/)
    expect(table.stdout).toMatch(/│ editor +│ +3 │ +1 │ +20 │/)
    expect(table.stdout).toMatch(/│ Total +│ +3 │/)
  })

  it('says so where there is nothing, and what it takes', async () => {
    const empty = await commandLine(['usage'], { config: {} })
    expect([empty.code, empty.stdout]).toEqual([0, 'Nothing was used in the last 7d.\n'])
    for (const [args, words] of [
      [['--since', 'soon'], /--since takes a time such as 12h or 7d/],
      [['--by', 'colour'], /--by takes model, provider, account, day, client/],
    ] as const) {
      const wrong = await commandLine(['usage', ...args], { config: {} })
      expect(wrong.code).toBe(2)
      expect(wrong.stderr).toMatch(words)
    }
  })
})

describe('an account that is spent', () => {
  it('is told of by status, and not asked by the next byok either', async () => {
    const { accounts, config, chat, cli, run, stop } = await served()
    accounts['a']?.fail({ kind: 'quota', retryAfter: 3600 })
    const { response } = await chat()
    expect(response.headers.get('x-byok-account')).toBe('b')
    expect(response.headers.get('x-byok-attempts')).toBe('2')
    await stop()

    const status = JSON.parse((await cli('status', '--json')).stdout)
    expect(status).toEqual([
      {
        provider: 'codex',
        account: 'a',
        kind: 'api_key',
        state: 'ok',
        expires_at: null,
        circuits: [expect.objectContaining({ model: 'gpt-4o', state: 'open', cause: 'spent', status: 429 })],
      },
      { provider: 'codex', account: 'b', kind: 'api_key', state: 'ok', expires_at: null },
    ])
    const { stdout } = await cli('status')
    expect(stdout).toMatch(/gpt-4o rests \(429 insufficient_quota\): back in/)
    expect(stdout).toContain('Routing: priority;')

    const again = await serve({ home: run.home, config })
    const client = new OpenAI({ baseURL: `${again.url}/v1`, apiKey: 'client-key', maxRetries: 0 })
    await client.chat.completions.create({ model: 'codex/gpt-4o', messages: [{ role: 'user', content: 'Hi' }] })
    const chats = (label: string) => accounts[label]?.requests.filter(({ method }) => method === 'POST').length
    expect([chats('a'), chats('b')]).toEqual([1, 2])
    await stop(again)
  })
})

describe('byok serve', () => {
  it('takes a new config over when its file changes and on SIGHUP, and keeps the last good one', async () => {
    const { config, run, chat } = await served()
    const file = run.configFile ?? ''
    const status = () =>
      chat({ model: 'mine' }).then(
        ({ response }) => response.status,
        (error) => error.status,
      )
    expect(await status()).toBe(404)

    await writeFile(file, 'routing: {strategy: fastest}\n')
    await run.until(/not reloaded.*routing\.strategy.*names a strategy there is not/)
    expect((await chat()).response.status).toBe(200)

    await writeFile(file, stringify({ ...config, models: { mine: 'codex/gpt-4o' }, host: '0.0.0.0' }))
    await run.until(/host has changed in the config: restart byok/)
    await run.until(/config reloaded/)
    expect(await status()).toBe(200)

    await writeFile(file, 'port: [\n')
    run.kill('SIGHUP')
    await run.until(/not reloaded.*bad YAML/)
    expect(await status()).toBe(200)
  })
})
