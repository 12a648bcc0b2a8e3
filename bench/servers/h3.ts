/**
 * The floor for what byok is made of: h3 on Node takes a request, its JSON is parsed, undici sends it on, and the answer comes back;
 * nothing else. Usage: `h3.ts UPSTREAM_URL`
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { H3 } from 'h3'
import { toNodeHandler } from 'h3/node'
import { FastResponse } from 'srvx'
import { Agent, request } from 'undici'

const upstream = process.argv[2] ?? ''
const dispatcher = new Agent({ connections: null, pipelining: 1 })

const app = new H3().post('/v1/chat/completions', async (event) => {
  const body = await event.req.text()
  JSON.parse(body)
  const headers = { 'content-type': 'application/json', authorization: event.req.headers.get('authorization') ?? '' }
  const answer = await request(`${upstream}/v1/chat/completions`, { method: 'POST', headers, body, dispatcher })
  return new FastResponse(await answer.body.text(), {
    status: answer.statusCode,
    headers: { 'content-type': 'application/json' },
  })
})

const handler = toNodeHandler(app)
const server = createServer((incoming, outgoing) => void handler(incoming, outgoing))
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
