import { Readable } from 'node:stream'
import { isError } from '../log/fault.ts'
import { dispatch } from './dispatch.ts'
import { Dispatchers } from './dispatchers.ts'
import { piecesOf } from './incoming.ts'
import { placeOf } from './place.ts'
import { headersOf } from './response.ts'
import type { Environment, Transport, TransportTimeouts } from './transport.ts'

/** By undici, on the sockets of Node, which Bun and Deno have too. */
export function createNodeTransport(timeouts: TransportTimeouts, env: Environment): Transport {
  const dispatchers = new Dispatchers(timeouts, env)
  return {
    send(url, { method, headers, body = null, signal, proxy, once }) {
      try {
        const place = placeOf(url)
        if (!place) throw unsendable('its address is no http:// or https:// URL')
        const sent = body instanceof ReadableStream ? Readable.from(piecesOf(body)) : body
        const options = { origin: place.origin, path: place.path, method, headers, body: sent }
        const connections = once ? undefined : dispatchers.connections
        const dispatcher = dispatchers.for(proxy)
        if (!(dispatcher instanceof Promise)) return dispatch(dispatcher, options, signal, connections)
        return dispatcher.then((made) => dispatch(made, options, signal, connections))
      } catch (error) {
        return Promise.reject(isError(error) ? error : new Error(String(error)))
      }
    },
    async openSocket(url, { headers, signal }) {
      const [{ upgrade }, dispatcher] = await Promise.all([import('undici/index.js'), dispatchers.for(undefined)])
      const { headers: received, socket } = await upgrade(url, { protocol: 'websocket', headers, signal, dispatcher })
      return { headers: headersOf(received), socket }
    },
    close: () => dispatchers.close(),
  }
}

/** As undici says it of what it cannot send. */
function unsendable(why: string): Error {
  return Object.assign(new Error(why), { code: 'UND_ERR_INVALID_ARG' })
}
