import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Certificate } from './certificate.ts'
import { SilentConnections } from './silent-connections.ts'

export interface PortOptions {
  port: number
  host: string
}

/** A server that listens. */
export interface OpenPort {
  server: Server
  https: Certificate | false
  /** Takes no more requests, and resolves when the last answer is out. */
  close(): Promise<void>
}

/** Milliseconds between Node's looks for requests whose time is over; its own 30 s would let each stay for so much longer. */
const CHECK_MS = 1000

/**
 * Listens by Node's own server: without a certificate, or with one that is there. That may be at a port where other workers of this
 * node:cluster listen too; listhen would try it by listening there for a moment, and never answer the connections it is given
 * meanwhile.
 */
export async function openPort(
  answer: RequestListener,
  { port, host }: PortOptions,
  certificate?: Certificate,
): Promise<OpenPort> {
  let closing = false
  const onRequest: RequestListener = (request, response) => {
    response.once('close', () => closing && server.closeIdleConnections())
    answer(request, response)
  }
  const timed = { connectionsCheckingInterval: CHECK_MS }
  const server: Server = certificate
    ? createTlsServer({ ...certificate, ...timed }, onRequest)
    : createServer(timed, onRequest)
  const silent = new SilentConnections(server)
  server.listen(port, host)
  await once(server, 'listening')
  return {
    server,
    https: certificate ?? false,
    async close() {
      closing = true
      server.close()
      server.closeIdleConnections()
      await Promise.all([once(server, 'close'), silent.cut()])
    },
  }
}
