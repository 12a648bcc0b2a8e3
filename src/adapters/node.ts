import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { toNodeHandler as h3NodeHandler } from 'h3/node'
import type { Byok } from '../core/byok.ts'
import { basePath, pathBelow } from './internal/prefix.ts'

/** A byok as the listener of `http.createServer`. */
export function toNodeHandler(byok: Byok): RequestListener {
  const handler = h3NodeHandler(byok.app)
  return (request, response) => void handler(request, response)
}

export interface AttachOptions {
  /** The path byok answers under, such as `/ai`. The server's other listeners get everything else. */
  prefix: string
}

/**
 * Puts a byok under a path of an HTTP server that is there already, whatever else it serves.
 *
 * @returns A function that takes it off again.
 */
export function attach(server: Server, byok: Byok, { prefix }: AttachOptions): () => void {
  const base = basePath(prefix)
  if (base === '') throw new TypeError("prefix must name a path, such as /ai: the root is the server's own")
  const handler = toNodeHandler(byok)
  const others = server.listeners('request')
  server.removeAllListeners('request')

  const dispatch = (request: IncomingMessage, response: ServerResponse<IncomingMessage> & { req: IncomingMessage }) => {
    const path = pathBelow(base, request.url ?? '/')
    if (path !== undefined) {
      request.url = path
      handler(request, response)
    } else if (others.length > 0) {
      for (const other of others) other.call(server, request, response)
    } else {
      response.writeHead(404).end()
    }
  }
  server.on('request', dispatch)
  return () => {
    server.off('request', dispatch)
    for (const other of others) server.on('request', (...args) => void other.apply(server, args))
  }
}
