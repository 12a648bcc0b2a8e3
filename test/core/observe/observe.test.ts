import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen } from '../../../src/adapters/listen.ts'
import { PACKAGES } from '../../../src/core/observe/telemetry.ts'
import type { Byok } from '../../../src/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { FakeProvider, FakeServer } from '../../../src/testing/fake-server.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { ask } from '../exchange/support.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

interface Span {
  name: string
  kind: number
  traceId: string
  spanId: string
  parentSpanId?: string
  attributes: { key: string; value: Record<string, unknown> }[]
  status: { code?: number }
}

/** A collector of OTLP over HTTP, which refuses who has no key. */
async function startCollector(): Promise<FakeServer> {
  return await startFakeServer((request, reply) => {
    if (request.headers['x-collector-key'] !== 'canary-collector') return reply.json(401, {})
    reply.json(200, {})
  })
}

let fake: FakeProvider
let collector: FakeServer
beforeAll(async () => {
  fake = await startOpenAIChat()
  collector = await startCollector()
})
afterAll(async () => {
  await fake.close()
  await collector.close()
})

const start = (options: object): Promise<Byok> =>
  createIsolatedByok({
    upstream: { retries: 0 },
    routing: { max_attempts: 1 },
    providers: { codex: { api_key: 'sk-test', base_url: fake.url } },
    ...options,
  })

describe('telemetry', () => {
  it('traces requests and measures them, as the conventions for GenAI say, and tells no words of theirs', async () => {
    const byok = await start({
      telemetry: { enabled: true, endpoint: collector.url, headers: { 'x-collector-key': 'canary-collector' } },
    })
    fake.say({ steps: [{ text: 'canary-answer' }], usage: { input: 12, output: 3, cachedInput: 4 } })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const messages = [{ role: 'user', content: 'canary-prompt' }]
    await ask(byok, { messages }, { headers: { traceparent } })
    fake.fail({ kind: 'server_error' })
    await ask(byok, { messages })
    await byok.close()

    const sent = collector.requests.filter(({ path }) => path === '/v1/traces').map(({ json }) => json)
    const spans = (sent as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }[]).flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    )
    const [first, second] = [0, 1].map((index) => spans.filter(({ name }) => name === 'chat gpt-4o')[index])
    const server = spans.find(({ spanId }) => spanId === first?.parentSpanId)
    expect(server).toMatchObject({ name: 'POST /v1/chat/completions', kind: 2, parentSpanId: 'b7ad6b7169203331' })
    expect(first).toMatchObject({ kind: 3, traceId: '0af7651916cd43dd8448eb211c80319c' })
    const attributes = Object.fromEntries(
      (first?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]),
    )
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 3,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'byok.request_id': expect.stringMatching(/^req_/),
    })
    expect(second?.status.code).toBe(2)
    expect(second?.attributes.map(({ key }) => key)).toContain('error.type')
    const measured = collector.requests.filter(({ path }) => path === '/v1/metrics').map(({ text }) => text)
    expect(measured.join()).toMatch(/gen_ai\.client\.operation\.duration/)
    expect(measured.join()).toMatch(/gen_ai\.client\.token\.usage/)
    for (const { text } of collector.requests) expect(text).not.toMatch(/canary/)
  })

  it('holds nothing up where the collector is gone', async () => {
    const byok = await start({ telemetry: { enabled: true, endpoint: 'http://127.0.0.1:9' } })
    expect((await ask(byok)).status).toBe(200)
    await byok.close()
  })
})

describe('GET /metrics', () => {
  it('tells requests, tokens and rests', async () => {
    const byok = await start({ metrics: { enabled: true } })
    const listening = await listen(byok, { port: 0 })
    const { url } = listening
    fake.say({ steps: [{ text: 'x' }], usage: { input: 12, output: 3 } })
    await ask(byok)
    fake.fail({ kind: 'quota' })
    await ask(byok, { model: 'codex/o3' })
    const response = await fetch(`${url}/metrics`)
    const text = await response.text()
    await listening.close(0)
    await byok.close()
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(text).toMatch(
      /^byok_requests_total\{protocol="openai-chat",provider="codex",model="gpt-4o",status="200",outcome="ok"\} 1$/m,
    )
    expect(text).toMatch(/^byok_tokens_total\{provider="codex",model="gpt-4o",type="input"\} 12$/m)
    expect(text).toMatch(/^byok_request_duration_seconds_count\{protocol="openai-chat",provider="codex"\} 2$/m)
    expect(text).toMatch(/^byok_account_resting\{provider="codex",account="api_key",model="o3"\} 1$/m)
    expect(text).toMatch(/^byok_requests_in_flight 0$/m)
    expect(text).not.toContain('sk-test')
  })

  it('is off unless config says so, and where there are keys for administrators alone', async () => {
    const byok = await start({ server: { keys: [{ key: 'root', admin: true, label: 'r' }, 'chat'] } })
    const status = async (path: string, key?: string) =>
      (await byok.fetch(`http://localhost${path}`, key === undefined ? {} : { headers: { 'x-api-key': key } })).status
    expect(await status('/metrics', 'root')).toBe(404)
    expect(await status('/metrics', 'chat')).toBe(403)
    expect(await status('/metrics')).toBe(403)
    expect(await status('/health?verbose', 'chat')).toBe(403)
    expect(await status('/health?verbose', 'root')).toBe(200)
    expect(await status('/health', 'chat')).toBe(200)
    await byok.close()
  })
})

it('names the packages it needs in versions that go together, in README too', async () => {
  // What npm takes without them for the exporters on Node 22.15, 0.301.0, has @opentelemetry/api ^1.10.0 as its peer, and
  // the newest sdk-trace-base, 2.12.1, one below 1.10.0.
  expect(PACKAGES.filter((name) => !/^@opentelemetry\/.+@\d/.test(name))).toEqual([])
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8')
  const [, command = ''] = /`npm install (@opentelemetry[^`]+)`/.exec(readme) ?? []
  const named = command.split(/\s+/).flatMap((word) => {
    const [, before, names, after] = /^(.*)\{(.+)\}(.*)$/.exec(word) ?? []
    return names === undefined ? [word] : names.split(',').map((name) => `${before}${name}${after}`)
  })
  expect(named.sort()).toEqual([...PACKAGES].sort())
})
