import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { FastResponse, NodeRequest, sendNodeResponse } from 'srvx/node'
import type { NodeResponse } from 'srvx/node'
import type { Byok } from '../../core/byok.ts'
import type { PipingBody } from '../../core/exchange/stream/stream-body.ts'
import { nameHost } from '../../core/routes/authority.ts'
import { noteBase } from '../../core/routes/base.ts'
import { cutOff } from './prefix.ts'
import { withBody } from './with-body.ts'

/** What connect, Express and their kin put on a request. */
export interface ParsedRequest extends IncomingMessage {
  /** The body, where a parser of the host ran before. */
  body?: unknown
  /** Its bytes, where the host keeps them, as NestJS does with `rawBody: true`, and Google's functions-framework. */
  rawBody?: unknown
  /** Files of a form, where multer ran before: several, */
  files?: unknown
  /** or one. */
  file?: unknown
  /** Its address as it came. */
  originalUrl?: string
}

/** What parsers of the host made of a body. */
export interface ParsedBody {
  body?: unknown
  /** The body's bytes, where the host's parser kept them. */
  rawBody?: unknown
  /** The files that the host's parser took out of a form. */
  files?: unknown
}

/** A Node request as a host hands it over. */
export interface NodeExchange extends ParsedBody {
  request: IncomingMessage
  response: ServerResponse
  /** The path and query as byok should see them, where the host did not cut its prefix off. Default: the request's. */
  path?: string
  /** What the host, or byok's adapter to it, cut off the path. */
  base?: string
  /** What the host makes of the body as it comes, such as the same unpacked. */
  stream?: Readable | undefined
}

/**
 * Answers a Node request: each chunk as it comes, at the client's pace, and no longer than the client is there.
 *
 * @throws what byok could not even answer with an error.
 */
export async function answerNode(byok: Byok, exchange: NodeExchange): Promise<void> {
  const { request, response } = exchange
  const { status, statusText, headers, body } = preparedFor(await byok.app.fetch(await webRequest(exchange)))
  // A host may have answered meanwhile, as one with a time limit does.
  if (response.headersSent) return void discard(body)
  // One by one: the `on-headers` of many middlewares (compression, sessions) misreads the list that `writeHead` takes.
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || name === 'vary') response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
  if (response.getHeader('content-type')?.toString().startsWith('text/event-stream')) {
    // Compressing middleware would collect a stream of small events until its buffer is full.
    response.setHeader('cache-control', 'no-cache, no-transform')
  }
  if (isStream(body) && request.method !== 'HEAD') {
    // Not the global Response: @hono/node-server puts its own there, which sets a content type where it sees none. Its types know no
    // stream but the web's.
    await sendNodeResponse(response, new FastResponse(body as ReadableStream, { status, statusText }))
    return
  }
  discard(body)
  response.statusCode = status
  await end(response, isStream(body) ? null : body)
}

/** What Node can write, a web stream, or what writes itself. */
type Body = string | Uint8Array | ReadableStream | Readable | PipingBody | null

function isStream(body: Body): body is ReadableStream | Readable | PipingBody {
  return typeof body === 'object' && body !== null && !(body instanceof Uint8Array)
}

/** Lets go of what nobody will read. */
function discard(body: Body): void {
  if (!isStream(body)) return
  if (body instanceof ReadableStream) void body.cancel().catch(() => {})
  else body.destroy()
}

/** By no callback: `end` of many middlewares (compression, sessions) takes one for the last of the body. */
function end(response: ServerResponse, body: string | Uint8Array | null): Promise<void> {
  if (response.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const over = () => resolve()
    response.once('finish', over).once('close', over)
    if (body === null) response.end()
    else response.end(body)
  })
}

/** As {@link answerNode}, of what connect and its kin hand over. @param mount where byok is, as its adapter knows it */
export async function answerParsed(
  byok: Byok,
  request: ParsedRequest,
  response: ServerResponse,
  mount: Pick<NodeExchange, 'path' | 'base'> = { base: baseOf(request) },
): Promise<void> {
  await answerNode(byok, { request, response, ...mount, ...parsedBy(request) })
}

/** What connect and its kin cut off a request's path. */
export function baseOf({ url = '/', originalUrl = url }: ParsedRequest): string {
  return cutOff(originalUrl, url)
}

/** What parsers of connect and its kin made of a request's body. */
export function parsedBy({ body, rawBody, file, files = [file] }: ParsedRequest): ParsedBody {
  return { body, rawBody, files }
}

/** An answer's parts, as srvx has them for Node where it made the answer: a body that pipes itself is no web stream yet. */
function preparedFor(answer: Response | NodeResponse): Pick<Response, 'status' | 'statusText'> & {
  headers: Iterable<[name: string, value: string]>
  body: Body
} {
  if (!('_toNodeResponse' in answer)) return answer
  const { status, statusText, headers, body } = answer._toNodeResponse()
  const pairs = headers.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : []))
  const bytes = body instanceof DataView ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : body
  return { status, statusText, headers: pairs, body: bytes ?? null }
}

async function webRequest({ request, response, path, base = '', ...given }: NodeExchange): Promise<Request> {
  const { url } = request
  noteBase(request, base)
  if (path !== undefined) request.url = path
  const web = new NodeRequest({ req: request, res: response })
  nameHost(web, request.headers[':authority'])
  // Its address is made when it is first read; the host's own comes back after, for the host's logs.
  void web.url
  request.url = url
  const { body, rawBody, files, stream } = given
  if (stream) return await withBody(web, { body: Readable.toWeb(stream) })
  // Only a body that is gone from the stream is the host's to give.
  if (!request.readableEnded || request.method === 'GET' || request.method === 'HEAD') return web
  const parsed = rawBody ?? body
  return parsed === undefined ? web : await withBody(web, { body: parsed, files })
}
