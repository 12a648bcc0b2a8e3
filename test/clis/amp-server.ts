import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Amp's own server, as far as its client asks of it for one task. */
export interface AmpServer {
  url: string
  /** What it was asked, such as `POST /api/internal?getUserInfo`. */
  asked: string[]
  close(): Promise<void>
}

/** Answers of `POST /api/internal`, by method; as the client reads them (npm's @sourcegraph/amp 0.0.1769314944 dist/main.js). */
const ANSWERS: Record<string, unknown> = {
  getUserInfo: { id: 'user_1', email: 'a@example.com', username: 'a', features: [], team: null },
  getUserFreeTierStatus: { canUseAmpFree: false, isDailyGrantEnabled: false },
}

/** Starts one that knows the client by `key`. */
export async function startAmpServer(key: string): Promise<AmpServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    asked.push(`${method} ${url}`)
    request.resume()
    response.setHeader('content-type', 'application/json')
    if (headers.authorization !== `Bearer ${key}`) return void response.writeHead(401).end('{}')
    const [path, name = ''] = url.split('?')
    if (path !== '/api/internal') return void response.writeHead(404).end('{}')
    response.end(JSON.stringify({ ok: true, result: ANSWERS[name] ?? {} }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
