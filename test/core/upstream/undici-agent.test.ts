import { afterEach, expect, it, vi } from 'vitest'
import { Agent } from 'undici'
import { loadAgent } from '../../../src/core/upstream/undici-agent.ts'

afterEach(() => void vi.doUnmock('undici/lib/dispatcher/agent.js'))

it('is the same by its file and by the whole of undici, which is there where a version has no such file', async () => {
  expect(await loadAgent()).toBe(Agent)
  vi.doMock('undici/lib/dispatcher/agent.js', () => {
    throw new Error('Cannot find module')
  })
  expect(await loadAgent()).toBe(Agent)
})
