import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen } from '../../src/adapters/listen.ts'
import { dayOf } from '../../src/core/usage/day.ts'
import type { UsageRecord } from '../../src/core/usage/record.ts'
import { createByok, Secret } from '../../src/index.ts'
import type { Byok } from '../../src/index.ts'
import { startAnthropic } from '../../test/upstreams/anthropic.ts'
import { startChatGpt } from '../../test/upstreams/chatgpt.ts'
import { startOpenAIChat } from '../../test/upstreams/openai-chat.ts'
import { startQuotaProxy } from './quota-proxy.ts'

/*
 * A byok whose accounts, requests and usage are all made up, for pictures of its page.
 */

const HOUR = 3_600_000

const configOf = (urls: { claude: string; codex: string; own: string }) => `# Which accounts byok answers with, and how.
port: 8018
routing:
  strategy: round-robin
  sticky: true
providers:
  claude:
    oauth_base_url: ${urls.claude}
  codex:
    oauth_base_url: ${urls.codex}
  lab:
    type: openai-compatible
    base_url: ${urls.own}
    api_keys:
      - { key: sk-test, label: team }
    models: [llama-4-maverick, qwen3-coder]
models:
  "claude-haiku-*": codex/gpt-5-mini
  smart: [claude/claude-opus-5-5, codex/gpt-5]
`

export interface Demo {
  url: string
  byok: Byok
  close(): Promise<void>
}

export async function startDemo(): Promise<Demo> {
  const home = await mkdtemp(join(tmpdir(), 'byok-demo-'))
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const fakes = { claude: await startAnthropic(), codex: await startChatGpt(), own: await startOpenAIChat() }
  const seconds = (ms: number) => String(Math.round((Date.now() + ms) / 1000))
  const proxies = {
    claude: await startQuotaProxy(fakes.claude.url, {
      'anthropic-ratelimit-unified-status': 'allowed',
      'anthropic-ratelimit-unified-5h-utilization': '0.46',
      'anthropic-ratelimit-unified-5h-reset': seconds(2.4 * HOUR),
      'anthropic-ratelimit-unified-7d-utilization': '0.71',
      'anthropic-ratelimit-unified-7d-reset': seconds(77 * HOUR),
    }),
    codex: await startQuotaProxy(fakes.codex.url, {
      'x-codex-primary-used-percent': '18',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-at': seconds(2.1 * HOUR),
      'x-codex-secondary-used-percent': '93',
      'x-codex-secondary-window-minutes': '10080',
      'x-codex-secondary-reset-at': seconds(53 * HOUR),
    }),
    own: await startQuotaProxy(fakes.own.url, {}),
  }
  await mkdir(join(home, '.byok'))
  await writeFile(
    join(home, '.byok/config.yaml'),
    configOf({ claude: proxies.claude.url, codex: proxies.codex.url, own: proxies.own.url }),
  )
  const byok = await createByok({ cwd: home, env: { HOME: home }, log: { level: 'silent' } })
  const login = (provider: string, account: string, token: string, metadata: Record<string, string> = {}) =>
    byok.store.put({
      provider,
      account,
      kind: 'oauth',
      tokens: { accessToken: new Secret(token), refreshToken: new Secret('made-up') },
      expiresAt: Date.now() + 6 * HOUR,
      metadata,
    })
  await login('claude', 'ada@example.com', 'sk-ant-oat01-test')
  await login('codex', 'ada@example.com', 'at-test', { account_id: 'acct-test' })
  const { version } = await login('gemini', 'studio', 'made-up', { project_id: 'made-up' })
  await byok.store.markNeedsLogin('gemini', 'studio', version, 'Google refused the refresh token: it was revoked.')
  await byok.usage?.add(records())

  // The usual port, where nothing else has it, so that pictures show that.
  const server = await listen(byok).catch(() => listen(byok, { port: 0 }))
  const url = new URL(server.url).origin
  const ask = (model: string, content = 'Hello') =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content }] }),
    })
  await look(url)
  const usage = (input: number, output: number) => ({ usage: { input, output, cachedInput: Math.round(input * 0.7) } })
  fakes.claude.say({ steps: [{ text: 'Hello.' }], ...usage(18_240, 911) })
  fakes.codex.say({ steps: [{ text: 'Hello.' }], ...usage(7310, 402) })
  fakes.own.say({ steps: [{ text: 'Hello.' }], ...usage(2210, 187) })
  for (const model of ['claude/claude-sonnet-5-5', 'codex/gpt-6-sol', 'lab/qwen3-coder']) {
    await (await ask(model)).text()
  }
  fakes.own.fail({ kind: 'rate_limit', retryAfter: 540 })
  await (await ask('lab/llama-4-maverick')).text()
  const open = new AbortController()
  const streaming = [
    { fake: fakes.claude, model: 'claude/claude-opus-5-5' },
    { fake: fakes.codex, model: 'codex/gpt-6-sol' },
  ].map(async ({ fake, model }) => {
    fake.say({ steps: [{ text: 'Once upon a time'.repeat(40) }, { wait: held }, { text: '.' }], ...usage(900, 300) })
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      signal: open.signal,
      body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'A tale' }] }),
    })
    await response.body?.getReader().read()
  })
  await Promise.all(streaming)
  for (const fake of [fakes.claude, fakes.codex]) {
    fake.otherwise = () => ({
      steps: [
        {
          text: 'Use `git rebase --onto main feature~3 feature`: it takes the last three commits of feature and puts them on main.',
        },
      ],
      ...usage(64, 31),
    })
  }
  return {
    url,
    byok,
    async close() {
      open.abort()
      release()
      await server.close()
      await byok.close()
      for (const proxy of Object.values(proxies)) proxy.close()
      for (const fake of Object.values(fakes)) await fake.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Opens the page once, because byok remembers requests for it from then on. */
async function look(url: string): Promise<void> {
  const { headers } = await fetch(`${url}/ui`)
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
  const page = await fetch(`${url}/ui/api/events`, { headers: { cookie, 'sec-fetch-site': 'same-origin' } })
  await page.body?.cancel()
}

/** A month of work, the same with each run. */
function records(): UsageRecord[] {
  const models = [
    {
      provider: 'claude',
      account: 'ada@example.com',
      model: 'claude-sonnet-5-5',
      times: 11,
      input: 16_000,
      output: 900,
    },
    { provider: 'codex', account: 'ada@example.com', model: 'gpt-6-sol', times: 6, input: 9500, output: 1400 },
    { provider: 'claude', account: 'ada@example.com', model: 'claude-opus-5-5', times: 3, input: 21_000, output: 1700 },
    { provider: 'lab', account: 'team', model: 'qwen3-coder', times: 5, input: 3100, output: 350 },
  ]
  let seed = 7
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  const all: UsageRecord[] = []
  for (let back = 1; back < 30; back++) {
    const noon = new Date()
    noon.setHours(12, 0, 0, 0)
    noon.setDate(noon.getDate() - back)
    const busy = [0, 6].includes(noon.getDay()) ? 0.25 : 0.6 + random()
    for (const { times, input, output, ...rest } of models) {
      for (let at = 0; at < Math.round(times * busy); at++) {
        const failed = random() < 0.02
        all.push({
          ...rest,
          id: `demo-${all.length}`,
          time: noon.getTime(),
          day: dayOf(noon.getTime()),
          client: null,
          protocol: 'openai-chat',
          requestedModel: rest.model,
          status: failed ? 529 : 200,
          outcome: failed ? 'error' : 'ok',
          error: failed ? 'overloaded' : null,
          attempts: 1,
          stream: true,
          input: failed ? null : Math.round(input * (0.5 + random())),
          output: failed ? null : Math.round(output * (0.5 + random())),
          cachedInput: failed ? null : Math.round(input * 0.5 * random()),
          cacheWrite: null,
          reasoning: null,
          estimated: false,
          firstByteMs: failed ? null : Math.round(500 + random() * 900),
          durationMs: Math.round(4000 + random() * 9000),
        })
      }
    }
  }
  return all
}
