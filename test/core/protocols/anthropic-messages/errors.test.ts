import { expect, it, onTestFinished, vi } from 'vitest'
import { anthropicMessages } from '../../../../src/core/protocols/anthropic-messages/index.ts'

const NOW = 1_800_000_000

it.each<[string, Record<string, string>, number | undefined]>([
  [
    'the windows of a plan that are used up',
    {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': String(NOW + 3600),
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-5h-reset': String(NOW + 3600),
      'anthropic-ratelimit-unified-7d-status': 'allowed',
      'anthropic-ratelimit-unified-7d-reset': String(NOW + 500_000),
      'retry-after': '300',
    },
    3600,
  ],
  [
    'the longer of two',
    {
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-5h-reset': String(NOW + 60),
      'anthropic-ratelimit-unified-7d-status': 'rejected',
      'anthropic-ratelimit-unified-7d-reset': String(NOW + 500_000),
    },
    500_000,
  ],
  [
    'the window, whatever is said of what is paid for beyond the plan',
    {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': String(NOW + 3600),
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-5h-reset': String(NOW + 3600),
      'anthropic-ratelimit-unified-overage-status': 'rejected',
      'anthropic-ratelimit-unified-overage-disabled-reason': 'out_of_credits',
      'anthropic-ratelimit-unified-overage-reset': String(NOW + 20 * 86_400),
    },
    3600,
  ],
  [
    'a limit of the API',
    {
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': new Date((NOW + 30) * 1000).toISOString(),
      'anthropic-ratelimit-tokens-remaining': '39000',
      'anthropic-ratelimit-tokens-reset': new Date((NOW + 90) * 1000).toISOString(),
    },
    30,
  ],
  [
    'the windows say by the clock of Anthropic’s',
    {
      date: new Date((NOW - 7200) * 1000).toUTCString(),
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-5h-reset': String(NOW - 7200 + 60),
    },
    60,
  ],
  ['Retry-After, by core', { 'retry-after': '7', 'anthropic-ratelimit-requests-remaining': '0' }, undefined],
])('a 429 lasts as long as %s', (_, headers, seconds) => {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const body = {
    type: 'error',
    error: { type: 'rate_limit_error', message: 'This request would exceed your rate limit.' },
  }
  expect(anthropicMessages().error?.(body, 429, new Headers(headers))?.retryAfter).toBe(seconds)
})
