import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { FastResponse, NodeRequest, sendNodeResponse } from 'srvx/node'
import type { NodeResponse } from 'srvx/node'
import type { Byok } from '../../core/byok.ts'
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

/** A Node request as a host hands it over. */
export interface NodeExchange {
  request: IncomingMessage
  response: ServerResponse
  /** The path and query as byok should see them, where the host did not cut its prefix off. Default: the request's. */
  path?: string
  /** What the host, or byok's adapter to it, cut off the path. */
  base?: string
  /** What a parser of the host made of the body. */
  body?: unknown
  /** The body's bytes, where the host's parser kept them. */
  rawBody?: unknown
  /** The files that the host's parser took out of a form. */
  files?: unknown
  /** What the host makes of the body as it comes, such as the same unpacked. */
  stream?: Readable | undefined
}

/**
 * Answers a Node request: each chunk as it comes, at the client's pace, and no longer than the client is there.
 *
 * @throws what byok could not even answer with an error.
 */
export async function answerNode(byok: Byok, exchange: NodeExchange): Promise<void> {
  const { response } = exchange
  const { status, statusText, headers, body } = preparedFor(await byok.app.fetch(webRequest(exchange)))
  // One by one: the `on-headers` of many middlewares (compression, sessions) misreads the list that `writeHead` takes.
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || name === 'vary') response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
  if (response.getHeader('content-type')?.toString().startsWith('text/event-stream')) {
    // Compressing middleware would collect a stream of small events until its buffer is full.
    response.setHeader('cache-control', 'no-cache, no-transform')
  }
  // Not the global Response: @hono/node-server puts its own there, which sets a content type where it sees none.
  await sendNodeResponse(response, new FastResponse(body, { status, statusText }))
}

/** As {@link answerNode}, of what connect and its kin hand over. */
export async function answerParsed(byok: Byok, request: ParsedRequest, response: ServerResponse): Promise<void> {
  const { url = '/', originalUrl = url, body, rawBody, file, files = [file] } = request
  await answerNode(byok, { request, response, base: cutOff(originalUrl, url), body, rawBody, files })
}

/** An answer's parts, as srvx has them for Node where it made the answer: a body that pipes itself is no web stream yet. */
function preparedFor(answer: Response | NodeResponse): Pick<Response, 'status' | 'statusText' | 'body'> & {
  headers: Iterable<[name: string, value: string]>
} {
  if (!('_toNodeResponse' in answer)) return answer
  const { status, statusText, headers, body } = answer._toNodeResponse()
  const pairs = headers.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : []))
  // Its types know a web stream only. Text would get a content type of its own.
  return {
    status,
    statusText,
    headers: pairs,
    body: (typeof body === 'string' ? Buffer.from(body) : body) as Response['body'],
  }
}

function webRequest({ request, response, path, base = '', body, rawBody, files, stream }: NodeExchange): Request {
  const { url } = request
  noteBase(request, base)
  if (path !== undefined) request.url = path
  const web = new NodeRequest({ req: request, res: response })
  // Its address is made when it is first read; the host's own comes back after, for the host's logs.
  void web.url
  request.url = url
  if (stream) return withBody(web, Readable.toWeb(stream))
  // Only a body that is gone from the stream is the host's to give.
  if (!request.readableEnded || request.method === 'GET' || request.method === 'HEAD') return web
  const parsed = rawBody ?? body
  return parsed === undefined ? web : withBody(web, parsed, files)
}
