import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Byok, ByokOptions } from '../../../src/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { FakeProvider, FakeServer } from '../../../src/testing/fake-server.ts'
import { startGemini } from '../../upstreams/gemini.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'
import { ask, open } from '../exchange/support.ts'

const [INTERNAL, SERVER, CLIENT] = [1, 2, 3]
const ERROR = 2

interface Attribute {
  key: string
  value: Record<string, unknown>
}

interface Span {
  name: string
  kind: number
  traceState?: string
  attributes: Attribute[]
  status: { code?: number }
}

interface Metric {
  name: string
  histogram?: { dataPoints: { attributes: Attribute[]; count: number }[] }
}

interface Sent {
  resourceSpans?: { scopeSpans: { spans: Span[] }[] }[]
  resourceMetrics?: { scopeMetrics: { metrics: Metric[] }[] }[]
}

let openai: FakeProvider
let gemini: FakeProvider
let collector: FakeServer
beforeAll(async () => {
  openai = await startOpenAIChat()
  gemini = await startGemini()
  collector = await startFakeServer((_request, reply) => reply.json(200, {}))
})
afterAll(async () => {
  await openai.close()
  await gemini.close()
  await collector.close()
})
beforeEach(() => void collector.requests.splice(0))

/** What the collector is told of the requests that `work` makes. */
async function told(work: (byok: Byok) => Promise<unknown>, options: ByokOptions = {}) {
  const byok = await createIsolatedByok({
    upstream: { retries: 0 },
    routing: { max_attempts: 1 },
    telemetry: { enabled: true, endpoint: collector.url },
    providers: {
      codex: { api_key: 'sk-test', base_url: openai.url },
      gemini: { api_key: 'test-key', base_url: gemini.url },
    },
    ...options,
  })
  await work(byok)
  await byok.close()
  const sent = collector.requests.map(({ json }) => json as Sent)
  const spans = sent
    .flatMap(({ resourceSpans = [] }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  const metrics = sent
    .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  const spanOf = (kind: number) => {
    const span = spans.find((one) => one.kind === kind)
    return { ...span, attributes: attributesOf(span?.attributes) }
  }
  const pointsOf = (name: string) =>
    metrics
      .filter((metric) => metric.name === name)
      .flatMap(({ histogram }) => histogram?.dataPoints ?? [])
      .map(({ attributes }) => attributesOf(attributes))
  return { client: spanOf(CLIENT), server: spanOf(SERVER), internal: spanOf(INTERNAL), pointsOf }
}

function attributesOf(attributes: Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}

it.each([true, false])('tells what the provider said of its answer (streaming: %s)', async (stream) => {
  openai.say({ steps: [{ text: 'x' }], usage: { input: 12, output: 9, reasoning: 5 } })
  const { client, pointsOf } = await told((byok) => ask(byok, { stream }))
  const port = Number(new URL(openai.url).port)
  const series = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.model': expect.stringContaining('gpt-4o'),
    'server.address': '127.0.0.1',
    'server.port': port,
  }
  expect(client.attributes).toMatchObject({
    ...series,
    'gen_ai.response.id': expect.stringMatching(/^chatcmpl-/),
    'gen_ai.response.finish_reasons': { values: [{ stringValue: 'stop' }] },
    'gen_ai.usage.reasoning.output_tokens': 5,
  })
  expect(pointsOf('gen_ai.client.operation.duration')).toEqual([series])
  const streaming = ['gen_ai.request.stream', 'gen_ai.response.time_to_first_chunk']
  expect(streaming.filter((name) => name in client.attributes)).toEqual(stream ? streaming : [])
  expect(pointsOf('gen_ai.client.operation.time_to_first_chunk')).toEqual(stream ? [series] : [])
})

it('names the route and the provider’s operation, whatever the client speaks', async () => {
  const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }]
  const post = (model: string) => (byok: Byok) =>
    byok.fetch(`http://localhost/v1beta/models/${model}:generateContent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contents }),
    })
  const { client, server } = await told(post('gpt-4o'))
  expect(client.name).toBe('chat gpt-4o')
  expect(server).toMatchObject({
    name: 'POST /v1beta/models/**',
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/v1beta/models/**',
      'url.scheme': 'http',
      'url.path': '/v1beta/models/gpt-4o:generateContent',
      'http.response.status_code': 200,
    },
  })
  collector.requests.splice(0)
  expect((await told((byok) => ask(byok, { model: 'gemini/gemini-2.5-pro' }))).client).toMatchObject({
    name: 'generate_content gemini-2.5-pro',
    attributes: { 'gen_ai.operation.name': 'generate_content', 'gen_ai.provider.name': 'gcp.gemini' },
  })
})

it('says of a stream that its client left that it is none of the whole ones, and no error', async () => {
  const never = new Promise<void>(() => {})
  openai.say({ steps: [{ text: 'x' }, { wait: never }] })
  const { client, server, pointsOf } = await told(async (byok) => {
    const response = await open(byok, { stream: true })
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
  })
  expect(client.attributes).toMatchObject({ 'byok.outcome': 'aborted' })
  expect(client.attributes).not.toHaveProperty('error.type')
  expect([client.status?.code, server.status?.code]).not.toContain(ERROR)
  expect(pointsOf('gen_ai.client.operation.duration')).toMatchObject([{ 'byok.outcome': 'aborted' }])
})

it('tells errors of a server’s as such, a broken answer too, and no refused request', async () => {
  openai.fail({ kind: 'server_error' })
  const failed = await told((byok) => ask(byok))
  expect(failed.server).toMatchObject({ attributes: { 'error.type': expect.any(String) }, status: { code: ERROR } })
  collector.requests.splice(0)
  openai.say({ steps: [{ text: 'x' }, { cut: true }] })
  const broken = await told((byok) => ask(byok, { stream: true }))
  expect(broken.server).toMatchObject({ attributes: { 'error.type': 'upstream_stream_cut' }, status: { code: ERROR } })
  collector.requests.splice(0)
  const refused = await told((byok) => ask(byok, { model: 'codex/gpt-4o', messages: 'none' }))
  expect(refused.server.attributes).not.toHaveProperty('error.type')
})

it('goes on with a client’s trace, and what others said in it', async () => {
  const headers = {
    traceparent: '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
    tracestate: 'vendor=1',
  }
  const { server } = await told((byok) => ask(byok, {}, { headers }))
  expect(server).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
    traceState: 'vendor=1',
  })
})

it('tells what a program asks within its own process as that', async () => {
  const { internal, client } = await told((byok) =>
    byok.chat({ model: 'codex/gpt-4o', messages: [{ role: 'user', content: 'Hi' }] }),
  )
  expect(internal).toMatchObject({ name: 'byok.chat', attributes: {} })
  expect(internal.attributes).toEqual({})
  expect(client.name).toBe('chat gpt-4o')
})
