import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Chunking, Script, ScriptFailure } from './script.ts'

/** A request as a fake saw it. */
export interface RecordedRequest {
  method: string
  /** Without the query. */
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  /** The body as text; empty where there was none. */
  text: string
  /** The body as JSON; `undefined` where it is none. */
  json: unknown
  /** Resolves when the connection is gone or the answer is out: `true` where the client went away first. */
  aborted: Promise<boolean>
}

/** A faked provider on loopback. Answers are taken from a queue; without any the fake says something of its own. */
export interface FakeProvider {
  /** What `base_url` is set to. */
  readonly url: string
  /** Every request in order, those that were refused included. */
  readonly requests: RecordedRequest[]
  /** The next good request is answered with this. Calls queue up. */
  say(script: Script): void
  /** The next good request is refused with this. Queues with {@link FakeProvider.say}. */
  fail(failure: ScriptFailure): void
  /** Says what a good request is answered with where nothing is queued. Default: something of the fake's own. */
  otherwise: (request: RecordedRequest) => Script
  /** How the bytes of streams are cut from now on. */
  chunking: Chunking
  close(): Promise<void>
}

/** One answer to be given. */
export type Answer = { script: Script } | { failure: ScriptFailure }

/** The writing side of one answer. */
export class Reply {
  readonly #response: ServerResponse
  readonly #chunking: () => Chunking

  constructor(response: ServerResponse, chunking: () => Chunking) {
    this.#response = response
    this.#chunking = chunking
  }

  /** A whole JSON answer. */
  json(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.send(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
  }

  send(status: number, body: string | Uint8Array, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, headers).end(body)
  }

  /** Begins a stream; the headers are flushed at once. */
  begin(status: number, headers: Record<string, string>): void {
    this.#response.writeHead(status, headers)
    this.#response.flushHeaders()
  }

  /** Writes part of the stream, cut as {@link FakeProvider.chunking} says, and waits until each piece is handed on. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    const chunking = this.#chunking()
    const size = chunking === 'as-is' ? bytes.byteLength : chunking.size
    for (let at = 0; at < bytes.byteLength; at += size) await this.#writePiece(bytes.subarray(at, at + size))
  }

  end(): void {
    this.#response.end()
  }

  /** Breaks the connection. */
  cut(): void {
    this.#response.destroy()
  }

  /** Whether the client is gone, so that writing on is pointless. */
  get gone(): boolean {
    return this.#response.destroyed
  }

  async #writePiece(piece: Uint8Array): Promise<void> {
    if (this.gone) return
    await new Promise<void>((resolve) => {
      this.#response.once('close', resolve)
      this.#response.write(piece, () => {
        this.#response.off('close', resolve)
        resolve()
      })
    })
  }
}

/** Answers one request. What it throws becomes a 500 that quotes it, so that a broken fake shows in the test. */
export type Handler = (request: RecordedRequest, reply: Reply) => Promise<void> | void

export interface FakeServer {
  url: string
  port: number
  requests: RecordedRequest[]
  chunking: Chunking
  close(): Promise<void>
}

/** A plain HTTP server on a free loopback port that records what it is asked. */
export async function startFakeServer(handler: Handler): Promise<FakeServer> {
  const requests: RecordedRequest[] = []
  const fake: FakeServer = { url: '', port: 0, requests, chunking: 'as-is', close }
  const server = createServer((incoming, response) => {
    const reply = new Reply(response, () => fake.chunking)
    record(incoming, response)
      .then(async (request) => {
        requests.push(request)
        await handler(request, reply)
      })
      .catch((error: unknown) => {
        if (response.headersSent) response.destroy()
        else reply.json(500, { error: { message: `the fake failed: ${String(error)}` } })
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  fake.port = port
  fake.url = `http://127.0.0.1:${port}`
  return fake

  async function close(): Promise<void> {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

async function record(incoming: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const aborted = new Promise<boolean>((resolve) => {
    response.once('close', () => resolve(!response.writableFinished))
  })
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://fake')
  return {
    method: incoming.method ?? 'GET',
    path: pathname,
    query: searchParams,
    headers: incoming.headers,
    text,
    json: parse(text),
    aborted,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a fake says where nothing was queued. */
export const DEFAULT_SCRIPT: Script = { steps: [{ text: ['Hello', ', world.'] }], usage: { input: 9, output: 4 } }

/**
 * A {@link FakeProvider} over a fake server: the vendor's part is `handle`, which checks the request as the vendor would and
 * calls `next()` for the answer once it is found good.
 *
 * @param path What is added to the server's address to get {@link FakeProvider.url}, such as `/v1`.
 */
export async function startFakeProvider(
  handle: (request: RecordedRequest, reply: Reply, next: () => Answer) => Promise<void> | void,
  path = '',
): Promise<FakeProvider> {
  const queue: Answer[] = []
  const server = await startFakeServer((request, reply) =>
    handle(request, reply, () => queue.shift() ?? { script: provider.otherwise(request) }),
  )
  const provider: FakeProvider = {
    url: server.url + path,
    requests: server.requests,
    say: (script) => void queue.push({ script }),
    fail: (failure) => void queue.push({ failure }),
    otherwise: () => DEFAULT_SCRIPT,
    get chunking() {
      return server.chunking
    },
    set chunking(value) {
      server.chunking = value
    },
    close: () => server.close(),
  }
  return provider
}
