import * as zlib from 'node:zlib'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isSigned } from '../../../src/core/exchange/headers.ts'
import { apiKey, createByok, createMemoryTokenStore, definePlugin, openaiChat, version } from '../../../src/index.ts'
import type { Byok, ByokOptions, Executor, RequestInfo } from '../../../src/index.ts'

const sse = (...data: string[]) => data.map((one) => `data: ${one}\n\n`).join('')
const chunk = (delta: object, finish: string | null = null) =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'large',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })

const answerAtOnce: Executor = async () =>
  new Response(sse(chunk({ content: 'hi' }, 'stop'), '[DONE]'), { headers: { 'content-type': 'text/event-stream' } })

async function make(executor: Executor = answerAtOnce, options: ByokOptions = {}): Promise<Byok> {
  const acme = definePlugin({ name: 'acme', models: ['large'], auth: [apiKey()], translator: openaiChat(), executor })
  return await createByok({
    plugins: [acme],
    configFiles: false,
    env: {},
    store: createMemoryTokenStore(),
    log: { level: 'silent' },
    ...options,
    providers: { ...options.providers, acme: { api_key: 'k' } },
  })
}

const at = (path: string, init?: RequestInit) => new Request(`http://localhost:8018${path}`, init)
const chat = (body: unknown, init: RequestInit = {}) =>
  at('/v1/chat/completions', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...init })
const packed = (body: Uint8Array<ArrayBuffer>, encoding: string) =>
  at('/v1/chat/completions', { method: 'POST', body, headers: { 'content-encoding': encoding } })
const hello = { model: 'large', messages: [{ role: 'user', content: 'Hi' }] }

/** {@link hello} */
const ZSTD_HELLO = 'KLUv/SA96QEAeyJtb2RlbCI6ImxhcmdlIiwibWVzc2FnZXMiOlt7InJvbGUiOiJ1c2VyIiwiY29udGVudCI6IkhpIn1dfQ=='

describe('the routes', () => {
  let byok: Byok
  beforeAll(async () => {
    byok = await make(answerAtOnce, { server: { max_body_bytes: 1000 } })
  })
  afterAll(() => byok.close())

  it('tell what byok is and that it is up', async () => {
    const home = await (await byok.fetch(at('/'))).text()
    expect(home).toContain('http://localhost:8018/v1')
    expect(home).toMatch(/acme +ready/)
    expect(await (await byok.fetch(at('/health'))).json()).toMatchObject({ status: 'ok', version })
    expect((await byok.fetch(at('/health', { method: 'HEAD' }))).status).toBe(200)
  })

  it('name each request', async () => {
    const requests = [at('/health'), chat(hello), chat('{'), at('/nothing'), at('/v1/models', { method: 'PUT' })]
    const answers = await Promise.all(requests.map((request) => byok.fetch(request)))
    const ids = answers.map(({ headers }) => headers.get('x-request-id'))
    for (const id of ids) expect(id).toMatch(/^req_\w+$/)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it.each([
    ['abc.1:2-3_4', true],
    ['x'.repeat(129), false],
    ['two words', false],
    ['"quoted"', false],
  ])('take the name that the client gave, where it can be one: %s', async (given, taken) => {
    const response = await byok.fetch(at('/health', { headers: { 'x-request-id': given } }))
    expect(response.headers.get('x-request-id') === given).toBe(taken)
  })

  it.each<[string, Request, number, object]>([
    ['an unknown path', at('/v2/nothing'), 404, { code: 'not_found' }],
    ['a wrong method', at('/v1/chat/completions'), 405, { code: 'method_not_allowed' }],
    ['a WebSocket', at('/v1/responses', { headers: { upgrade: 'websocket' } }), 426, { code: 'websocket_unsupported' }],
    [
      'deep JSON',
      chat(`{"a":${'['.repeat(256)}${']'.repeat(256)}}`),
      400,
      { message: expect.stringContaining('256 levels') },
    ],
    ['no JSON', chat('{'), 400, { message: expect.stringContaining('JSON') }],
    ['an empty body', chat(''), 400, { message: expect.stringContaining('empty') }],
    ['a body that is no object', chat('[1]'), 400, { message: expect.stringContaining('object') }],
    ['no model', chat({ messages: [] }), 400, { param: 'model' }],
    [
      'an unknown model',
      chat({ ...hello, model: 'larg' }),
      404,
      { code: 'model_not_found', message: expect.stringContaining('large') },
    ],
    [
      'a body packed in a way it does not know',
      chat(hello, { headers: { 'content-encoding': 'compress' } }),
      415,
      { code: 'unsupported_content_encoding' },
    ],
    ['a body that is not packed', chat(hello, { headers: { 'content-encoding': 'gzip' } }), 400, {}],
    ['a body packed twice', packed(gzipSync(gzipSync(JSON.stringify(hello))), 'gzip, gzip'), 415, {}],
    [
      'a small body that is large',
      packed(gzipSync(JSON.stringify({ ...hello, user: 'x'.repeat(1000) })), 'gzip'),
      413,
      { code: 'request_too_large' },
    ],
    ['a large body', chat({ ...hello, user: 'x'.repeat(1000) }), 413, { code: 'request_too_large' }],
  ])('answer %s with an OpenAI error', async (_, request, status, error) => {
    const response = await byok.fetch(request)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.json()).toMatchObject({ error: { type: expect.any(String), ...error } })
    if (status === 405) expect(response.headers.get('allow')).toBe('POST')
  })

  it.each([
    ['POST', '/chat/completions', { object: 'chat.completion' }],
    ['POST', '//v1//chat/completions', { object: 'chat.completion' }],
    ['POST', '/v1/v1/chat/completions', { object: 'chat.completion' }],
    ['POST', '/messages', { type: 'message' }],
    ['POST', '/v1/v1/messages?beta=true', { type: 'message' }],
    ['POST', '/responses', { object: 'response' }],
    ['GET', '/models', { object: 'list' }],
    ['GET', '/v1//models/', { object: 'list' }],
    ['PUT', '/models', { error: { code: 'method_not_allowed' } }],
    ['POST', '/v1/v1', { error: { code: 'not_found' } }],
  ])(
    'are found by a base URL with `/v1` twice, without it, or with a slash too many: %s %s',
    async (method, path, answer) => {
      const body = JSON.stringify({ ...hello, max_tokens: 9, input: path === '/responses' ? 'Hi' : undefined })
      const response = await byok.fetch(at(path, { method, ...(method === 'POST' && { body }) }))
      expect(await response.json()).toMatchObject(answer)
    },
  )

  it.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('take a body that its client packed by %s', async (encoding, pack) => {
    const response = await byok.fetch(packed(pack(JSON.stringify(hello)), encoding))
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'hi' } }] })
  })

  // As Codex asks; Node unpacks it from 22.15 on, and before the client is told what to do.
  it('take a body packed by zstd, where Node unpacks it', async () => {
    const body = Buffer.from(ZSTD_HELLO, 'base64')
    const response = await byok.fetch(packed(body, 'zstd'))
    const expected =
      'zstdDecompress' in zlib
        ? { choices: [{ message: { content: 'hi' } }] }
        : { error: { message: expect.stringContaining('enable_request_compression=false') } }
    expect(await response.json()).toMatchObject(expected)
  })

  it('let web pages on localhost in, and no others', async () => {
    const preflight = (origin: string) =>
      byok.fetch(
        at('/v1/chat/completions', {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization,content-type',
          },
        }),
      )
    const ended = new Promise<RequestInfo>((resolve) => byok.hooks.hookOnce('response', ({ info }) => resolve(info)))
    const allowed = await preflight('http://localhost:5173')
    expect(await ended).toMatchObject({
      id: allowed.headers.get('x-request-id'),
      method: 'OPTIONS',
      path: '/v1/chat/completions',
      status: 204,
      outcome: 'ok',
    })
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('access-control-allow-origin')).toBe('http://localhost:5173')
    expect(allowed.headers.get('access-control-allow-headers')).toMatch(/authorization/)
    const answered = await byok.fetch(chat(hello, { headers: { origin: 'http://localhost:5173' } }))
    expect(answered.headers.get('access-control-allow-origin')).toBe('http://localhost:5173')
    // Built anew, it could not write itself to a response of Node's any more.
    expect(isSigned(answered)).toBe(true)
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
    const refused = await byok.fetch(chat(hello, { headers: { origin: 'https://evil.example' } }))
    expect(refused.status).toBe(403)
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a stream', () => {
  async function streamed(body: ReadableStream<Uint8Array>) {
    const byok = await make(async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }), {
      server: { keep_alive: 1 },
    })
    onTestFinished(() => byok.close())
    return await byok.fetch(chat({ ...hello, stream: true }))
  }

  it('gets comments while the provider is silent, and stays whole', async () => {
    let push: (text: string) => void = () => {}
    let end = () => {}
    const response = await streamed(
      new ReadableStream({
        start(controller) {
          push = (text) => controller.enqueue(new TextEncoder().encode(text))
          end = () => controller.close()
        },
      }),
    )
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe(': keep-alive\n\n')
    push(sse(chunk({ content: 'a' })))
    let text = ''
    while (!text.includes('"a"')) text += (await reader.read()).value ?? ''
    expect((await reader.read()).value).toBe(': keep-alive\n\n')
    push(sse(chunk({}, 'stop'), '[DONE]'))
    end()
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value
    expect(text.replaceAll(': keep-alive\n\n', '')).toBe(sse(chunk({ content: 'a' }), chunk({}, 'stop'), '[DONE]'))
  })

  it('is read no faster than the client reads', async () => {
    let pulled = 0
    const response = await streamed(
      new ReadableStream(
        {
          pull(controller) {
            pulled++
            controller.enqueue(new TextEncoder().encode(sse(chunk({ content: 'x'.repeat(1000) }))))
          },
        },
        { highWaterMark: 0 },
      ),
    )
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.read()
    expect(pulled).toBeLessThanOrEqual(3)
    await reader?.cancel()
  })
})

it('lists at GET / what an error of another path sends there for', async () => {
  const listed = async (options: ByokOptions) => {
    const byok = await make(answerAtOnce, options)
    onTestFinished(() => byok.close())
    const text = await (await byok.fetch(at('/'))).text()
    return [...text.matchAll(/^(?:GET |POST|    ) (\/\S+)/gm)].map(([, path]) => path)
  }
  const always = ['/v1/chat/completions', '/v1/responses', '/v1/embeddings', '/v1/completions', '/v1/models', '/health']
  expect(await listed({})).toEqual(expect.arrayContaining([...always, '/ui']))
  expect(await listed({})).not.toContain('/metrics')
  expect(await listed({ ui: false, metrics: { enabled: true } })).toEqual(
    expect.arrayContaining([...always, '/metrics']),
  )
})
