import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What stands where the internet would be: it refuses everything, and keeps what was asked for. */
export interface ClosedProxy {
  /** For the environment of a process. */
  env: Record<string, string>
  /** Hosts that were asked for. */
  asked: Set<string>
  close(): Promise<void>
}

export async function startClosedProxy(): Promise<ClosedProxy> {
  const asked = new Set<string>()
  const server = createServer((request, response) => {
    asked.add(new URL(request.url ?? '/', 'http://unknown').host)
    response.writeHead(403).end()
  })
  server.on('connect', (request, socket) => {
    asked.add(request.url ?? 'unknown')
    socket.on('error', () => {})
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const names = { HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: '127.0.0.1,localhost,::1' }
  const env = Object.fromEntries(
    Object.entries(names).flatMap(([name, value]) => [
      [name, value],
      [name.toLowerCase(), value],
    ]),
  )
  return {
    env,
    asked,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
