import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import type { ByokOptions } from '../../src/index.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'

/** A fault, what byok is held to when it happens, and the test of that. `docs/faults.md` is made of these. */
export interface Fault {
  fault: string
  client: string
  kept: string
  recovers: string
  run(): Promise<void>
}

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

/** A whole stream, as OpenAI sends it. */
export const RECORDED = Buffer.from(
  [chunk({ role: 'assistant', content: 'Grü' }), chunk({ content: 'ße' }), chunk({}, 'stop'), 'data: [DONE]\n\n'].join(
    '',
  ),
)
export const SSE = { 'content-type': 'text/event-stream' }

export type Handle = (response: ServerResponse, request: IncomingMessage) => void

interface Bench {
  /** What the vendor does with the next requests. */
  vendor: { handle: Handle }
  ask(path?: string): Promise<{ status: number; text: string }>
  close(): Promise<void>
}

export const whole: Handle = (response) => response.writeHead(200, SSE).end(RECORDED)

/** A vendor that does as it is told, and the settings of a provider that asks it. */
export async function startVendor() {
  const vendor = { handle: whole }
  const server: Server = createServer((request, response) => {
    request.resume().once('end', () => vendor.handle(response, request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return {
    vendor,
    provider: { type: 'openai-compatible' as const, api_key: 'sk-test', base_url, models: ['m'] },
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Asks a byok for a stream. */
export function askFor(url: string, path = '/v1/chat/completions'): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'local/m',
      max_tokens: 9,
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  })
}

/** A served byok in front of such a vendor. */
async function bench(options: ByokOptions = {}): Promise<Bench> {
  const { vendor, provider, close } = await startVendor()
  const byok = await createIsolatedByok({
    ...options,
    upstream: { retries: 0, ...options.upstream },
    // A rest after each fault would leave nobody to ask for the next one.
    routing: { max_attempts: 1, min_cooldown: 0, max_cooldown: 0, ...options.routing },
    providers: {
      local: provider,
      ...options.providers,
    },
  })
  const listening = await listen(byok, { port: 0 })
  return {
    vendor,
    async ask(path) {
      const response = await askFor(listening.url, path)
      return { status: response.status, text: await response.text() }
    },
    async close() {
      await listening.close(0)
      await byok.close()
      await close()
    },
  }
}

const CLIENTS = { '/v1/chat/completions': 'data: [DONE]', '/v1/messages': 'event: message_stop' }

/** A whole answer, or an error that says so; never a silent end. */
export function isHonest({ status, text }: { status: number; text: string }, end: string): 'whole' | 'error' {
  if (status !== 200) {
    expect(status).toBeGreaterThanOrEqual(500)
    expect(JSON.parse(text)).toMatchObject({ error: { message: expect.any(String) } })
    return 'error'
  }
  if (text.includes(end)) return 'whole'
  expect(text).toMatch(/"error"/)
  return 'error'
}

export async function withBench(work: (bench: Bench) => Promise<void>, options?: ByokOptions): Promise<void> {
  const made = await bench(options)
  try {
    await work(made)
    // Whatever happened: the next request is answered.
    made.vendor.handle = whole
    expect(isHonest(await made.ask(), CLIENTS['/v1/chat/completions'])).toBe('whole')
  } finally {
    await made.close()
  }
}

/** A vendor whose every answer is a fault. */
const always = (handle: Handle, expected: 'error' | 'whole', options?: ByokOptions) => () =>
  withBench(async ({ vendor, ask }) => {
    vendor.handle = handle
    for (const [path, end] of Object.entries(CLIENTS)) expect(isHonest(await ask(path), end)).toBe(expected)
  }, options)

const NEXT = 'the next request'
const ACCOUNT = 'the account; it rests as after any 5xx'

export const faults: Fault[] = [
  {
    fault: 'a stream cut at any byte',
    client:
      'an HTTP error before the first byte, after it what came and an error event; a whole answer where only the end is missing',
    kept: 'every byte that came before the cut',
    recovers: NEXT,
    run: () =>
      withBench(async ({ vendor, ask }) => {
        for (const [path, end] of Object.entries(CLIENTS)) {
          for (let at = 0; at < RECORDED.length; at++) {
            vendor.handle = (response) => {
              response.writeHead(200, SSE)
              response.write(RECORDED.subarray(0, at), () => response.destroy())
            }
            const answer = await ask(path)
            // Nothing is whole before the finish is.
            if (at < RECORDED.indexOf('"stop"')) expect(isHonest(answer, end)).toBe('error')
            else isHonest(answer, end)
          }
        }
      }),
  },
  {
    fault: 'a connection that is reset before any answer',
    client: '502 `upstream_unreachable`',
    kept: ACCOUNT,
    recovers: NEXT,
    run: always((response) => void response.destroy(), 'error'),
  },
  {
    fault: 'a provider that is not there (port closed)',
    client: '502 `upstream_unreachable`, naming what to check',
    kept: 'everything',
    recovers: 'as soon as it is there',
    run: () =>
      withBench(async ({ ask, vendor }) => {
        vendor.handle = whole
        expect(isHonest(await ask(), 'data: [DONE]')).toBe('whole')
      }).then(() =>
        bench({
          providers: {
            local: { type: 'openai-compatible', api_key: 'k', base_url: 'http://127.0.0.1:9/v1', models: ['m'] },
          },
        }).then(async (made) => {
          const { status, text } = await made.ask()
          await made.close()
          expect(status).toBe(502)
          expect(text).toMatch(/upstream_unreachable/)
        }),
      ),
  },
  {
    fault: 'a name that does not resolve',
    client: '502 `upstream_unreachable`',
    kept: 'everything',
    recovers: 'as soon as it does',
    run: async () => {
      const made = await bench({
        providers: {
          local: { type: 'openai-compatible', api_key: 'k', base_url: 'http://nowhere.invalid/v1', models: ['m'] },
        },
      })
      const { status, text } = await made.ask()
      await made.close()
      expect(status).toBe(502)
      expect(text).toMatch(/upstream_unreachable/)
    },
  },
  {
    fault: 'headers, then silence',
    client: '504 `upstream_timeout` after `upstream.idle_timeout`; comments until then',
    kept: ACCOUNT,
    recovers: NEXT,
    run: always((response) => void response.writeHead(200, SSE).flushHeaders(), 'error', {
      upstream: { idle_timeout: 150 },
    }),
  },
  {
    fault: 'silence in the middle of a stream',
    client: 'what came, then an error event after `upstream.idle_timeout`; comments until then',
    kept: 'what came',
    recovers: NEXT,
    run: always((response) => void response.writeHead(200, SSE).write(chunk({ content: 'x' })), 'error', {
      upstream: { idle_timeout: 150 },
      server: { keep_alive: 50 },
    }),
  },
  {
    fault: 'no answer at all',
    client: '504 `upstream_timeout` after `upstream.response_timeout`',
    kept: ACCOUNT,
    recovers: NEXT,
    run: always(() => {}, 'error', { upstream: { response_timeout: 150 } }),
  },
  {
    fault: 'garbage for a stream',
    client: 'an error; never garbage taken for an answer',
    kept: ACCOUNT,
    recovers: NEXT,
    run: always(
      (response) => response.writeHead(200, SSE).end(Buffer.from([0xff, 0xfe, 0, 1, 2, 0x80, 10, 10])),
      'error',
    ),
  },
  {
    fault: 'an empty stream',
    client: '502 `upstream_stream_cut`',
    kept: ACCOUNT,
    recovers: NEXT,
    run: always((response) => response.writeHead(200, SSE).end(), 'error'),
  },
  {
    fault: 'a page of HTML with status 200',
    client: '502 `upstream_bad_answer`, naming what to check',
    kept: ACCOUNT,
    recovers: NEXT,
    run: always(
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
      'error',
    ),
  },
  {
    fault: 'a compressed answer nobody asked for (a gzip bomb)',
    client: 'an error: byok asks for no compression and unpacks none',
    kept: 'memory: what is packed stays packed',
    recovers: NEXT,
    run: always(
      (response) =>
        response.writeHead(200, { ...SSE, 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
      'error',
    ),
  },
  {
    fault: 'a JSON answer larger than `upstream.max_answer_bytes`',
    client: '502 `upstream_bad_answer`',
    kept: 'memory',
    recovers: NEXT,
    run: always(
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(`"${'x'.repeat(100_000)}"`),
      'error',
      { upstream: { max_answer_bytes: 10_000 } },
    ),
  },
  {
    fault: 'a stream in pieces of one byte',
    client: 'the whole answer',
    kept: 'everything',
    recovers: 'nothing to recover',
    run: always((response) => {
      response.writeHead(200, SSE)
      for (const byte of RECORDED) response.write(Buffer.of(byte))
      response.end()
    }, 'whole'),
  },
  {
    fault: 'messages out of order: the end before the text',
    client: 'an answer that ends once, or an error; never a silent end',
    kept: 'everything',
    recovers: NEXT,
    run: () =>
      withBench(async ({ vendor, ask }) => {
        const [first = '', second = '', end = '', done = ''] = RECORDED.toString().split(/(?<=\n\n)/)
        for (const order of [
          [end, first, second, done],
          [second, end, first, done],
          [done, first, second, end],
        ]) {
          vendor.handle = (response) => response.writeHead(200, SSE).end(order.join(''))
          const { status, text } = await ask('/v1/messages')
          isHonest({ status, text }, CLIENTS['/v1/messages'])
          expect(text.split('event: message_stop').length - 1).toBeLessThanOrEqual(1)
        }
      }),
  },
  {
    fault: 'every message twice',
    client: 'an answer that ends once',
    kept: 'everything',
    recovers: 'nothing to recover',
    run: () =>
      withBench(async ({ vendor, ask }) => {
        vendor.handle = (response) =>
          response.writeHead(200, SSE).end(
            RECORDED.toString()
              .split(/(?<=\n\n)/)
              .map((one) => one + one)
              .join(''),
          )
        const { text } = await ask('/v1/messages')
        expect(text.split('event: message_stop').length - 1).toBe(1)
      }),
  },
]
