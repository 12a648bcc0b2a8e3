/**
 * The floor for a proxy on Node: `node:http` with its bytes passed on both ways, and nothing else. Usage: `pipe.ts UPSTREAM_URL`
 */
import { Agent, createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

const upstream = new URL(process.argv[2] ?? '')
const agent = new Agent({ keepAlive: true, maxSockets: Infinity })

const server = createServer((request, response) => {
  const out = send(
    {
      agent,
      host: upstream.hostname,
      port: upstream.port,
      method: request.method,
      path: request.url,
      headers: { ...request.headers, host: upstream.host },
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  out.on('error', () => response.destroy())
  response.on('close', () => out.destroy())
  request.pipe(out)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
