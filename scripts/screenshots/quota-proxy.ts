import { createServer, request as send } from 'node:http'
import { once } from 'node:events'

/** Hands every request on to a faked provider, and adds headers to what it answers, as of limits. */
export async function startQuotaProxy(target: string, headers: Record<string, string>) {
  const base = new URL(target)
  const server = createServer((request, response) => {
    const onward = send(
      { host: base.hostname, port: base.port, path: request.url, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...headers })
        response.flushHeaders()
        answer.pipe(response)
        answer.once('error', () => response.destroy())
      },
    )
    onward.once('error', () => response.destroy())
    response.once('close', () => onward.destroy())
    request.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}${base.pathname.replace(/\/$/, '')}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
