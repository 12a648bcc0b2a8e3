import { createHooks } from 'hookable'
import { expect, it } from 'vitest'
import { Streams } from '../../../src/core/clients/streams.ts'
import { newInfo } from '../../../src/core/exchange/info.ts'
import { hasHook, runHook } from '../../../src/core/hooks.ts'
import type { ByokHooks } from '../../../src/core/hooks.ts'
import { Live } from '../../../src/core/ui/live.ts'

const asked = (model: string) => Object.assign(newInfo('POST', '/v1/messages'), { protocol: 'x', model })

function start() {
  const hooks = createHooks<ByokHooks>()
  const streams = new Streams()
  return { hooks, streams, live: new Live({ hooks, streams }) }
}

it('costs requests nothing until somebody looks, and tells then of those under way', () => {
  const { hooks, streams, live } = start()
  streams.enter(asked('one'), 8)
  expect([hasHook(hooks, 'response'), streams.watched]).toEqual([false, false])
  live.watch()
  live.watch()
  expect([hasHook(hooks, 'response'), streams.watched]).toEqual([true, true])
  expect(live.requests).toMatchObject([{ model: 'one' }])
})

it('keeps a hundred of those that are over, and shortens what clients call their models', async () => {
  const { hooks, live } = start()
  live.watch()
  for (let index = 0; index < 120; index++)
    await runHook(hooks, 'response', { info: asked(`${index}-${'x'.repeat(1e4)}`) })
  await runHook(hooks, 'response', { info: newInfo('GET', '/health') })
  const { requests } = live
  expect(requests).toHaveLength(100)
  expect(new Set(requests.map(({ key }) => key)).size).toBe(100)
  expect(JSON.stringify(requests).length).toBeLessThan(100_000)
  expect(requests.some(({ model }) => model.startsWith('19-'))).toBe(false)
})
