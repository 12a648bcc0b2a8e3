import { describe, expect, it } from 'vitest'
import { configSchema } from '../../src/core/config/index.ts'
import type { ConfigInput } from '../../src/core/config/index.ts'
import { apiKey } from '../../src/core/auth/method.ts'
import { definePlugin } from '../../src/core/plugin/plugin.ts'
import type { Executor, ModelInfo, Plugin } from '../../src/core/plugin/plugin.ts'
import { PluginError } from '../../src/core/plugin/check.ts'
import { Registry } from '../../src/core/registry.ts'
import type { RoutingCandidate } from '../../src/core/routing/strategy.ts'

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

  it('answers one behind a prefix that is no provider with the names nearest to the rest', () => {
    for (const model of ['uno/alpha-large', 'vendor/alpha_large']) {
      expect(() => registryOf().candidates(model)).toThrow(/Did you mean alpha-large\?$/)
    }
    expect(() => registryOf().candidates('vendor/')).toThrow(/GET \/v1\/models/)
  })

  it('names no near model when none is near', () => {
    expect(() => registryOf().candidates('zzzzzzzzzzzzzzzzzzzz')).toThrow(/GET \/v1\/models/)
  })

  it('takes an empty model after a prefix for unknown', () => {
    expect(() => registryOf().candidates('one/')).toThrow(expect.objectContaining({ code: 'model_not_found' }))
  })

  it('finds models that no list has by their names, behind all that are listed', () => {
    const registry = new Registry()
    registry.register({ ...provider('one', ['alpha']), otherModels: ['image-*'] })
    registry.register(provider('two', ['image-3']))
    registry.configure(configSchema.parse({ providers: { one: {}, two: {} } }))
    expect(targets(registry, 'image-2')).toEqual(['one:image-2'])
    expect(targets(registry, 'image-3')).toEqual(['two:image-3'])
    registry.configure(configSchema.parse({ providers: { one: { enabled: false }, two: {} } }))
    expect(() => registry.candidates('image-2')).toThrow(/does not exist/)
  })

  it('offers models of config besides the built-in ones', () => {
    const registry = registryOf({ two: { models: ['new', { id: 'newer', aliases: ['n'] }] } })
    expect(targets(registry, 'new')).toEqual(['two:new'])
    expect(targets(registry, 'n')).toEqual(['two:newer'])
    expect(targets(registry, 'beta')).toEqual(['two:beta'])
  })

  it('asks whom config has a model offered by before those that have it built in', () => {
    const registry = registryOf({ two: { models: ['alpha-large', 'shared'] } })
    expect(targets(registry, 'alpha-large')).toEqual(['two:alpha-large', 'one:alpha-large'])
    expect(targets(registry, 'shared')).toEqual(['two:shared', 'one:shared'])
    expect(targets(registry, 'one/shared')).toEqual(['one:shared'])
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
    ['a hook that there is not', { name: 'x', hooks: { requset: () => undefined } }, /"x".*`hooks\.requset`.*request,/],
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

  const run = () => {}
  const order = (candidates: readonly RoutingCandidate[]) => candidates
  const open = () => Promise.reject(new Error('not opened'))
  const other = definePlugin({
    name: 'other',
    commands: { zap: { description: '', run } },
    strategies: { cheapest: order },
    stores: { vault: open },
  })
  it.each<[string, Partial<Plugin>, RegExp]>([
    ["byok's command", { commands: { status: { description: '', run } } }, /command `status` is byok's own/],
    ['the command for help', { commands: { help: { description: '', run } } }, /command `help` is byok's own/],
    ["another's command", { commands: { zap: { description: '', run } } }, /command `zap` is plugin "other"'s already/],
    ["byok's strategy", { strategies: { priority: order } }, /strategy `priority` is byok's own/],
    ["another's strategy", { strategies: { cheapest: order } }, /strategy `cheapest` is plugin "other"'s already/],
    ["byok's store", { stores: { postgres: open } }, /store `postgres` is byok's own/],
    ["another's store", { stores: { vault: open } }, /store `vault` is plugin "other"'s already/],
  ])('refuses a plugin that brings %s', (_, parts, message) => {
    const registry = new Registry()
    registry.register(other)
    const register = () => registry.register({ name: 'late', ...parts })
    expect(register).toThrow(PluginError)
    expect(register).toThrow(/plugin "late"/)
    expect(register).toThrow(message)
    expect(registry.plugins).toHaveLength(1)
  })

  it('takes the one way to sign in without a list around it', () => {
    const registry = new Registry()
    registry.register(definePlugin({ ...provider('acme', ['large']), auth: apiKey({ env: ['ACME_KEY'] }) }))
    registry.configure(configSchema.parse({ providers: { acme: {} } }))
    expect(registry.providers[0]?.plugin.auth).toMatchObject([{ kind: 'api_key', env: ['ACME_KEY'] }])
    const broken = { ...provider('x', []), auth: { kind: 'api_key' } }
    expect(() => registry.register(broken as never)).toThrow(/`auth\.0\.label`|`auth.*label`/)
  })

  it('takes a plugin that only hooks', () => {
    const registry = new Registry()
    registry.register(definePlugin({ name: 'logger', hooks: { response: () => undefined } }))
    expect(registry.plugins).toHaveLength(1)
    registry.configure(configSchema.parse({}))
    expect(registry.providers).toHaveLength(0)
  })
})

describe("names of config's `models`", () => {
  const aliased = (models: ConfigInput['models'], providers: ConfigInput['providers'] = {}) => {
    const registry = new Registry()
    registry.register(provider('one', ['shared', 'alpha-large']))
    registry.register(provider('two', ['shared', 'beta']))
    registry.configure(configSchema.parse({ models, providers: { one: {}, two: {}, ...providers } }))
    return registry
  }

  it('stand before a name of a provider', () => {
    expect(targets(aliased({ 'alpha-large': 'two/beta' }), 'alpha-large')).toEqual(['two:beta'])
  })

  it('may name several targets; those of a disabled provider are left out', () => {
    const models = { best: ['one/alpha-large', 'two/beta'] }
    expect(targets(aliased(models), 'best')).toEqual(['one:alpha-large', 'two:beta'])
    expect(targets(aliased(models, { one: { enabled: false } }), 'best')).toEqual(['two:beta'])
    // Asked twice for one request, it would rest for twice as long.
    const twice = { best: ['one/alpha-large', 'two/beta', 'one/alpha-large'] }
    expect(targets(aliased(twice), 'best')).toEqual(['one:alpha-large', 'two:beta'])
    expect(() => aliased({ best: 'one/alpha-large' }, { one: { enabled: false } }).candidates('best')).toThrow(
      /disabled/,
    )
  })

  it.each([
    ['claude-*', 'claude-sonnet-4-5', true],
    ['claude-*haiku*', 'claude-3-5-haiku-20241022', true],
    ['claude-*haiku*', 'claude-sonnet-4-5', false],
    ['*-5', 'gpt-5', true],
    ['a*a', 'a', false],
    ['a*b*b', 'axb', false],
  ])('may be a pattern: %s, %s', (pattern, name, fits) => {
    const registry = aliased({ [pattern]: 'two/beta' })
    if (fits) expect(targets(registry, name)).toEqual(['two:beta'])
    else expect(() => registry.candidates(name)).toThrow(expect.objectContaining({ status: 404 }))
  })

  it('a whole name counts before a pattern, and does not lead back to itself', () => {
    const registry = aliased({ '*': 'one/shared', beta: 'two/beta' })
    expect(targets(registry, 'beta')).toEqual(['two:beta'])
    expect(targets(registry, 'anything')).toEqual(['one:shared'])
  })
})
