import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { H3 } from 'h3'
import { toNodeHandler } from 'h3/node'
import { readJsonObject } from '../../../src/core/routes/body.ts'

/** Asks a server that reads a JSON object and gives it back, with what it listened to of the request meanwhile. */
async function ask(body: Buffer): Promise<{ body: unknown; listenedTo: string[] }> {
  const listenedTo: string[] = []
  const app = new H3().post('/', async (event) => ({
    body: await readJsonObject(event, { max_body_bytes: 1024 * 1024, request_timeout: 60_000 }),
  }))
  const handler = toNodeHandler(app)
  const server = createServer((request, response) => {
    request.on('newListener', (name) => void listenedTo.push(String(name)))
    void handler(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })
  return { ...((await response.json()) as { body: unknown }), listenedTo }
}

it('takes a small body, which came with its headers, without listening for its pieces', async () => {
  const { body, listenedTo } = await ask(Buffer.from('{"model":"echo-1"}'))
  expect(body).toEqual({ model: 'echo-1' })
  expect(listenedTo).not.toContain('data')
})

it('listens for the pieces of a large one', async () => {
  const text = 'x'.repeat(500_000)
  const { body, listenedTo } = await ask(Buffer.from(JSON.stringify({ text })))
  expect(body).toEqual({ text })
  expect(listenedTo).toContain('data')
})
