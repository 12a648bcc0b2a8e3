import { Hookable } from 'hookable'
import { expect, it } from 'vitest'
import { newInfo } from '../../src/core/exchange/info.ts'
import { HookError, runHook } from '../../src/core/hooks.ts'
import type { ByokHooks } from '../../src/core/hooks.ts'

const context = { info: newInfo('POST', '/v1/chat/completions') }

it('has nothing to wait for where the handlers are done at once', () => {
  const hooks = new Hookable<ByokHooks>()
  expect(runHook(hooks, 'response', context)).toBeUndefined()
  const calls: string[] = []
  hooks.hook('response', () => void calls.push('one'))
  hooks.hook('response', () => void calls.push('two'))
  expect(runHook(hooks, 'response', context)).toBeUndefined()
  expect(calls).toEqual(['one', 'two'])
})

it('waits for each handler that takes its time before it calls the next', async () => {
  const hooks = new Hookable<ByokHooks>()
  const calls: string[] = []
  for (const name of ['one', 'two', 'three']) {
    hooks.hook('response', async () => {
      calls.push(`${name} begins`)
      await Promise.resolve()
      calls.push(`${name} ends`)
    })
    hooks.hook('response', () => void calls.push(`after ${name}`))
  }
  await runHook(hooks, 'response', context)
  expect(calls).toEqual(['one', 'two', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`, `after ${name}`]))
})

it.each([
  ['at once', () => () => fail()],
  ['later', () => async () => await Promise.resolve().then(fail)],
])('rejects with what a handler throws %s, and calls no other', async (_, makeHandler) => {
  const hooks = new Hookable<ByokHooks>()
  let called = false
  hooks.hook('response', makeHandler())
  hooks.hook('response', () => void (called = true))
  await expect(runHook(hooks, 'response', context)).rejects.toBeInstanceOf(HookError)
  expect(called).toBe(false)
})

it.each([
  ['at once', () => () => fail()],
  ['later', () => async () => await Promise.resolve().then(fail)],
])('tells those who look at each call of one that throws %s', async (_, makeHandler) => {
  const hooks = new Hookable<ByokHooks>()
  const calls: string[] = []
  hooks.beforeEach(({ name }) => void calls.push(`before ${name}`))
  hooks.afterEach(({ name }) => void calls.push(`after ${name}`))
  hooks.hook('response', makeHandler())
  await expect(runHook(hooks, 'response', context)).rejects.toBeInstanceOf(HookError)
  expect(calls).toEqual(['before response', 'after response'])
})

function fail(): never {
  throw new Error('a fault')
}
