import { Hookable } from 'hookable'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { ByokHooks } from '../../../src/core/hooks.ts'
import { Pages } from '../../../src/core/ui/pages.ts'
import type { Overview } from '../../../src/core/ui/types.ts'

it('are told what changes, also once a clock that was ahead is set right', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const overview = vi.fn(async () => ({}) as Overview)
  const hooks = new Hookable<ByokHooks>()
  const pages = new Pages({ live: { requests: [], watch: () => {} }, overview, hooks })
  onTestFinished(() => pages.close())
  await pages.open(() => true)
  await pages.look()
  await pages.look()
  expect(overview).toHaveBeenCalledTimes(2)
  vi.setSystemTime(Date.now() - 86_400_000)
  await pages.look()
  expect(overview).toHaveBeenCalledTimes(3)
})
