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

export interface JoinOptions {
  port: number
  host: string
  /** As listhen takes it, or the certificate that a peer has made. */
  https: boolean | Partial<HTTPSOptions>
  certificate: Certificate | undefined
}

/**
 * Listens at a port that other workers of this node:cluster listen at too. listhen tries a port by listening there for a moment,
 * and the connections it is given meanwhile are never answered.
 */
export async function joinPort(
  answer: RequestListener,
  { port, host, https, certificate }: JoinOptions,
): Promise<{ server: Server; https: Certificate | false; close(): Promise<void> }> {
  const used = certificate ?? (typeof https === 'object' ? await readCertificate(https) : undefined)
  let closing = false
  const onRequest: RequestListener = (request, response) => {
    response.once('close', () => closing && server.closeIdleConnections())
    answer(request, response)
  }
  const server: Server = used ? createTlsServer(used, onRequest) : createServer(onRequest)
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
