import { expect, it, onTestFinished } from 'vitest'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { ask, startByok } from './support.ts'

/* A server that closes the connection right behind the last word of its stream, without the end that HTTP wants. */

const WORDS =
  'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n' +
  'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n' +
  'data: [DONE]\n\n'

it.each<[string, object, RegExp]>([
  ['as it is', { stream: true }, /\[DONE\]\n\n$/],
  ['to a client that wants no stream', {}, /"content":"Hi"/],
])('gave a whole answer: %s', async (_, body, answer) => {
  const server = await startFakeServer(async (_request, reply) => {
    reply.begin(200, { 'content-type': 'text/event-stream' })
    await reply.write(WORDS)
    reply.cut()
  })
  onTestFinished(() => server.close())
  const outcomes: unknown[] = []
  const byok = await startByok({
    providers: { local: { type: 'openai-compatible', api_key: 'sk-test', base_url: server.url, models: ['m'] } },
    hooks: { response: ({ info }) => void outcomes.push(info.outcome) },
  })
  const { status, text } = await ask(byok, { model: 'local/m', ...body })
  expect(status).toBe(200)
  expect(text).toMatch(answer)
  expect(outcomes).toEqual(['ok'])
})
