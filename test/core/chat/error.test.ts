import { expect, it } from 'vitest'
import { ChatError } from '../../../src/core/chat/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { startByok } from '../exchange/support.ts'

const hello = { model: 'local/m', stream: true, messages: [{ role: 'user', content: 'Hi' }] }

async function answerOf(options: Parameters<typeof startByok>[0]): Promise<Response> {
  const byok = await startByok(options)
  return await byok.fetch('http://localhost/v1/chat/completions', { method: 'POST', body: JSON.stringify(hello) })
}

it.each([0, 200, 204, 302, 450.5, 600, Number.NaN])(
  'a plugin’s error with the status %d, which is no error’s, is a fault of the server to the client',
  async (status) => {
    const hooks = {
      request() {
        throw new ChatError('not so', { status })
      },
    }
    const response = await answerOf({ hooks, providers: {} })
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ error: { message: 'not so', type: 'server_error' } })
  },
)

it.each(['x-gateway-token', 'api-key', 'helicone-auth'])(
  'what %s of the config signs requests with is not told, though the provider quotes it',
  async (name) => {
    const key = `of-no-vendors-shape-${name}`
    const headers = { [name]: name === 'api-key' ? key : `Bearer ${key}`, 'x-title': 'quoted' }
    const fake = await startFakeServer((request, reply) =>
      reply.json(403, { error: { message: `${String(request.headers[name]).split(' ').at(-1)} may not, quoted` } }),
    )
    const local = { type: 'openai-compatible' as const, base_url: fake.url, api_key: 'local-key', headers }
    const response = await answerOf({ providers: { local } })
    await fake.close()
    expect(await response.json()).toMatchObject({ error: { message: 'local: [secret] may not, quoted' } })
  },
)

it('an error in an answer is told, whatever its code is also the name of', async () => {
  const error = { message: 'no more', code: 'constructor' }
  const fake = await startFakeServer((_, reply) =>
    reply.send(200, `data: ${JSON.stringify({ error })}\n\n`, { 'content-type': 'text/event-stream' }),
  )
  const type = 'openai-compatible' as const
  const local = { type, base_url: fake.url, api_key: 'local-key', models: ['m'] }
  const response = await answerOf({ providers: { local } })
  await fake.close()
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ error })
})
