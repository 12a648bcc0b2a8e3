import { afterEach, expect, it, vi } from 'vitest'
import { Agent } from 'undici'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'
import { loadAgent } from '../../../src/core/upstream/undici-agent.ts'

afterEach(() => {
  vi.doUnmock('undici/lib/dispatcher/agent.js')
  vi.doUnmock('undici/index.js')
})

it('is the same by its file and by the whole of undici, which is there where a version has no such file', async () => {
  expect(await loadAgent()).toBe(Agent)
  vi.doMock('undici/lib/dispatcher/agent.js', () => {
    throw new Error('Cannot find module')
  })
  expect(await loadAgent()).toBe(Agent)
})

it('is told apart from a network that fails, where a bundler has left nothing to load', async () => {
  for (const file of ['undici/lib/dispatcher/agent.js', 'undici/index.js']) {
    vi.doMock(file, () => {
      throw new Error('Dynamic require of "node:events" is not supported')
    })
  }
  const byok = await createIsolatedByok({
    providers: { codex: { api_key: 'sk-test', base_url: 'http://127.0.0.1:9/v1' } },
  })
  const asked = byok.chat({ model: 'codex/gpt-4o', messages: [{ role: 'user', content: 'Hi' }] })
  await expect(asked).rejects.toMatchObject({
    status: 500,
    code: 'not_loaded',
    message: expect.stringMatching(/^byok's HTTP client cannot be loaded: .+ leave it a package\.$/),
  })
  await byok.close()
})
