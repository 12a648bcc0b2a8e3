import { expect, it } from 'vitest'
import { Quotas, quotasOf } from '../../../src/core/routing/quotas.ts'

const AT = Date.UTC(2026, 0, 1)
const seconds = AT / 1000
const of = (headers: Record<string, string>) => quotasOf(new Headers(headers), AT)

it("reads a Claude plan's windows, and leaves out what is paid for beyond them", () => {
  expect(
    of({
      'anthropic-ratelimit-unified-status': 'allowed',
      'anthropic-ratelimit-unified-5h-utilization': '0.42',
      'anthropic-ratelimit-unified-5h-reset': String(seconds + 60),
      'anthropic-ratelimit-unified-overage-utilization': '0.9',
    }),
  ).toEqual([{ limit: '5h', used: 0.42, resetAt: AT + 60_000 }])
})

it("reads a ChatGPT plan's windows by their length", () => {
  expect(
    of({
      'x-codex-primary-used-percent': '12.5',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-at': String(seconds + 30),
      'x-codex-secondary-used-percent': '150',
      'x-codex-secondary-window-minutes': '10080',
      'x-codex-secondary-reset-at': String(seconds + 90),
    }),
  ).toEqual([
    { limit: '5h', used: 0.125, resetAt: AT + 30_000 },
    { limit: '7d', used: 1, resetAt: AT + 90_000 },
  ])
})

it("reads a key's limits in a minute, as either vendor says them", () => {
  expect(
    of({
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '40',
      'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:10Z',
    }),
  ).toEqual([{ limit: 'requests', used: expect.closeTo(0.2), resetAt: AT + 10_000 }])
  expect(
    of({
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '250',
      'x-ratelimit-reset-tokens': '6m0s',
    }),
  ).toEqual([{ limit: 'tokens', used: 0.75, resetAt: AT + 360_000 }])
})

it.each<Record<string, string>>([
  { 'anthropic-ratelimit-unified-5h-utilization': 'x' },
  { 'x-ratelimit-limit-requests': '-1', 'x-ratelimit-remaining-requests': '1' },
  { 'x-ratelimit-limit-requests': '10' },
  { server: 'x' },
])('makes nothing of %o', (headers) => expect(of(headers)).toEqual([]))

it('keeps what each account was told last, until it begins anew', () => {
  const clock = { now: AT }
  const quotas = new Quotas(() => clock.now)
  const told = (percent: string) =>
    new Headers({ 'x-codex-primary-used-percent': percent, 'x-codex-primary-reset-at': String(seconds + 10) })
  quotas.note({ provider: 'codex', account: 'a' }, { headers: told('10') })
  quotas.note({ provider: 'codex', account: 'a' }, { headers: told('20') })
  quotas.note({ provider: 'codex', account: 'a' }, { headers: new Headers({ server: 'x' }) })
  expect(quotas.of('codex', 'a')).toEqual([{ limit: 'primary', used: 0.2, resetAt: AT + 10_000 }])
  expect(quotas.of('codex', 'b')).toEqual([])
  clock.now += 10_000
  expect(quotas.of('codex', 'a')).toEqual([])
})
