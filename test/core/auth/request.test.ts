import { expect, it, onTestFinished } from 'vitest'
import { ask } from '../../../src/core/auth/request.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { codexAt } from './manager-support.ts'

/** What an authorization server is asked with. */
function contextAt(url: string) {
  const { signal } = new AbortController()
  const { name: provider, title, config } = codexAt(url)
  const send = (to: string | URL) => fetch(to, { signal })
  return { provider, title, config, env: {}, signal, fetch: send, fetchOnce: send }
}

it('reads no answer that goes on and on', async () => {
  const server = await startFakeServer((_request, reply) => reply.send(200, '{"a":"'.padEnd(16_000_000, 'x')))
  onTestFinished(() => server.close())
  await expect(ask(contextAt(server.url), 'the tokens', { url: server.url })).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('OpenAI could not be asked for the tokens: ') as string,
  })
})
