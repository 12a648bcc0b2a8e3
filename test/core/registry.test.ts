import { describe, expect, it } from 'vitest'
import { configSchema } from '../../src/core/config/index.ts'
import type { ConfigInput } from '../../src/core/config/index.ts'
import { apiKey } from '../../src/core/auth/method.ts'
import { definePlugin } from '../../src/core/plugin.ts'
import type { Executor, ModelInfo } from '../../src/core/plugin.ts'
import { PluginError, Registry } from '../../src/core/registry.ts'

const notCalled: Executor = () => Promise.reject(new Error('not called'))

const provider = (name: string, models: (string | ModelInfo)[]) =>
  definePlugin({
    name,
    models,
    auth: [apiKey()],
    translator: { format: 'test', request: () => ({}), events: () => ({ push: () => [], end: () => [] }) },
    executor: notCalled,
  })

function registryOf(providers: ConfigInput['providers'] = {}) {
  const registry = new Registry()
  registry.register(provider('one', ['shared', 'alpha-large', { id: 'alpha-small', aliases: ['small'] }]))
  registry.register(provider('two', ['shared', 'beta']))
  registry.configure(configSchema.parse({ providers: { one: {}, two: {}, ...providers } }))
  return registry
}

const targets = (registry: Registry, model: string) =>
  registry.candidates(model).map((route) => `${route.provider.name}:${route.model}`)

describe('Registry.candidates', () => {
  it.each([
    ['beta', 'two:beta'],
    ['alpha-large', 'one:alpha-large'],
    ['small', 'one:alpha-small'],
    ['shared', 'one:shared', 'two:shared'],
    ['two/shared', 'two:shared'],
    ['one/small', 'one:alpha-small'],
    ['one/not-listed-anywhere', 'one:not-listed-anywhere'],
    ['two/vendor/with-slash', 'two:vendor/with-slash'],
  ])('%s goes to %s', (model, ...expected) => {
    expect(targets(registryOf(), model)).toEqual(expected)
  })

  it('skips disabled providers, and says so when only they have the model', () => {
    const registry = registryOf({ one: { enabled: false } })
    expect(targets(registry, 'shared')).toEqual(['two:shared'])
    expect(() => registry.candidates('small')).toThrow(/disabled.*providers\.one\.enabled/)
    expect(() => registry.candidates('one/small')).toThrow(/disabled/)
  })

  it('answers an unknown model with the nearest names', () => {
    expect(() => registryOf().candidates('alpha-larg')).toThrow(
      expect.objectContaining({
        status: 404,
        code: 'model_not_found',
        param: 'model',
        message: expect.stringContaining('Did you mean alpha-large'),
      }),
    )
  })

  it('names no near model when none is near', () => {
    expect(() => registryOf().candidates('zzzzzzzzzzzzzzzzzzzz')).toThrow(/GET \/v1\/models/)
  })

  it('takes an empty model after a prefix for unknown', () => {
    expect(() => registryOf().candidates('one/')).toThrow(expect.objectContaining({ code: 'model_not_found' }))
  })

  it('offers models of config besides the built-in ones', () => {
    const registry = registryOf({ two: { models: ['new', { id: 'newer', aliases: ['n'] }] } })
    expect(targets(registry, 'new')).toEqual(['two:new'])
    expect(targets(registry, 'n')).toEqual(['two:newer'])
    expect(targets(registry, 'beta')).toEqual(['two:beta'])
  })
})

describe('Registry.register', () => {
  it.each([
    ['nothing', undefined, /is not a plugin/],
    ['a bad name', { name: 'Bad Name' }, /`name`.*lower-case/],
    ['half a provider', { name: 'half', models: ['m'], executor: () => undefined }, /without `auth`, `translator`/],
    ['an executor that is no function', { ...provider('x', []), executor: 1 }, /`executor`.*function/],
    ['a translator of the wrong shape', { ...provider('x', []), translator: {} }, /`translator`/],
    ['a field that is none', { name: 'x', exectuor: () => undefined }, /exectuor/],
    ['a hook that is no function', { name: 'x', hooks: { request: 1 } }, /hooks\.request/],
  ])('refuses %s, naming plugin and fault', (_, plugin, message) => {
    const register = () => new Registry().register(plugin as never, 'plugin "byok-plugin-x"')
    expect(register).toThrow(PluginError)
    expect(register).toThrow(/byok-plugin-x/)
    expect(register).toThrow(message)
  })

  it('refuses a second plugin of the same name', () => {
    const registry = new Registry()
    registry.register(provider('one', []))
    expect(() => registry.register(provider('one', []))).toThrow(/"one" is there already/)
  })

  it('takes a plugin that only hooks', () => {
    const registry = new Registry()
    registry.register(definePlugin({ name: 'logger', hooks: { response: () => undefined } }))
    expect(registry.plugins).toHaveLength(1)
    registry.configure(configSchema.parse({}))
    expect(registry.providers).toHaveLength(0)
  })
})
