import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { HTTPSOptions } from 'listhen'

/** PEM. */
export interface Certificate {
  cert: string
  key: string
  passphrase?: string
}

export interface PortOptions {
  port: number
  host: string
  /** As listhen takes it. */
  https: boolean | Partial<HTTPSOptions>
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
 *
 * @param certificate one that a peer has made; counts more than `https`
 */
export async function openPort(
  answer: RequestListener,
  { port, host, https }: PortOptions,
  certificate?: Certificate,
): Promise<OpenPort> {
  const used = certificate ?? (typeof https === 'object' ? await readCertificate(https) : undefined)
  let closing = false
  const onRequest: RequestListener = (request, response) => {
    response.once('close', () => closing && server.closeIdleConnections())
    answer(request, response)
  }
  const timed = { connectionsCheckingInterval: CHECK_MS }
  const server: Server = used ? createTlsServer({ ...used, ...timed }, onRequest) : createServer(timed, onRequest)
  server.listen(port, host)
  await once(server, 'listening')
  return {
    server,
    https: used ?? false,
    async close() {
      closing = true
      server.close()
      server.closeIdleConnections()
      await once(server, 'close')
    },
  }
}

async function readCertificate({ cert, key, passphrase }: Partial<HTTPSOptions>): Promise<Certificate | undefined> {
  if (cert === undefined || key === undefined) return undefined
  return {
    cert: await readFile(cert, 'utf8'),
    key: await readFile(key, 'utf8'),
    ...(passphrase !== undefined && { passphrase }),
  }
}
