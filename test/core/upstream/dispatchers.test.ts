import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { Dispatchers } from '../../../src/core/upstream/dispatchers.ts'

const TIMEOUTS = { connect_timeout: 1000, response_timeout: 1000, idle_timeout: 1000 }

afterEach(() => void vi.useRealTimers())

it.each([undefined, new Secret('http://127.0.0.1:1')])(
  'uses no connection again that is older than a sleep',
  (proxy) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const dispatchers = new Dispatchers(TIMEOUTS, {})
    onTestFinished(() => dispatchers.close())
    const first = dispatchers.for(proxy)
    vi.setSystemTime(Date.now() + 90_000)
    expect(dispatchers.for(proxy)).toBe(first)
    vi.setSystemTime(Date.now() + 90_001)
    expect(dispatchers.for(proxy)).not.toBe(first)
  },
)
