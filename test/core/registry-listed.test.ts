import { describe, expect, it } from 'vitest'
import { apiKey } from '../../src/core/auth/method.ts'
import { configSchema } from '../../src/core/config/index.ts'
import { infoOf } from '../../src/core/models/merge.ts'
import { shutdownWarnings } from '../../src/core/models/shutdown.ts'
import { definePlugin } from '../../src/core/plugin/plugin.ts'
import type { ModelInfo, ProviderPlugin } from '../../src/core/plugin/plugin.ts'
import { Registry } from '../../src/core/registry.ts'

const provider = (name: string): ProviderPlugin =>
  definePlugin({
    name,
    models: [{ id: 'built-in', aliases: ['b'], contextWindow: 5 }],
    auth: [apiKey()],
    translator: { format: 'test', request: () => ({}), events: () => ({ push: () => [], end: () => [] }) },
    executor: (): Promise<never> => Promise.reject(new Error('not called')),
  })

const told = (models: ModelInfo[]) => ({ models, whole: false })

const config = (providers: object) => configSchema.parse({ providers })

describe('Registry.setListed', () => {
  it('takes its word on a model over what is built in, and that of config over both', () => {
    const registry = new Registry()
    registry.register(provider('one'))
    const settings = config({ one: { models: [{ id: 'mine', max_output_tokens: 7 }] } })
    registry.configure(settings)
    registry.setListed(
      'one',
      told([
        { id: 'new', contextWindow: 1 },
        { id: 'built-in', contextWindow: 9, maxOutputTokens: 3, endpoints: ['/x'] },
        { id: 'mine', maxOutputTokens: 9, contextWindow: 8 },
      ]),
    )
    const models = () => [...(registry.providers[0]?.models.values() ?? [])]
    const expected = [
      { id: 'built-in', aliases: ['b'], contextWindow: 9, maxOutputTokens: 3, endpoints: ['/x'] },
      { id: 'mine', maxOutputTokens: 7, contextWindow: 8 },
      { id: 'new', contextWindow: 1 },
    ]
    expect(models()).toEqual(expected)
    expect(registry.candidates('b')[0].model).toBe('built-in')
    registry.configure(settings)
    expect(models()).toEqual(expected)
  })

  it('takes a list of a provider it does not have', () => {
    const registry = new Registry()
    registry.setListed('one', told([{ id: 'new' }]))
    expect(registry.providers).toEqual([])
  })
})

describe('a whole list', () => {
  const listing = (models: ModelInfo[], whole = true, settings: object = {}) => {
    const registry = new Registry()
    registry.register(provider('one'))
    registry.register({ ...provider('two'), models: ['other'] })
    registry.configure(config({ one: settings, two: {} }))
    registry.setListed('one', { models, whole })
    return registry
  }
  const offered = (registry: Registry) => [...(registry.providers[0]?.models.keys() ?? [])]

  it('takes what it lacks from what is offered, by its id and its aliases', () => {
    const registry = listing([{ id: 'new' }])
    expect(offered(registry)).toEqual(['new'])
    for (const name of ['built-in', 'b']) {
      expect(() => registry.candidates(name)).toThrow(expect.objectContaining({ code: 'model_not_found' }))
    }
    expect(() => registry.candidates('built-im')).not.toThrow(/built-in/)
    expect(registry.withholding('b')).toMatchObject([{ name: 'one' }])
    expect(registry.withholding('new')).toEqual([])
  })

  it('leaves those that another provider offers to that one', () => {
    const registry = listing([{ id: 'new' }])
    registry.setListed('two', told([{ id: 'built-in' }]))
    expect(registry.candidates('built-in')).toMatchObject([{ provider: { name: 'two' }, model: 'built-in' }])
  })

  it('does not stand in the way of `provider/model`, which knows what is built in', () => {
    const [route] = listing([{ id: 'new' }]).candidates('one/b')
    expect(route.model).toBe('built-in')
    expect(infoOf(route.provider, 'built-in')).toMatchObject({ contextWindow: 5 })
  })

  it('leaves models of config, and takes nothing where it is empty or none', () => {
    const mine = listing([{ id: 'new' }], true, { models: [{ id: 'built-in', max_output_tokens: 7 }, 'mine'] })
    expect(offered(mine)).toEqual(['built-in', 'mine', 'new'])
    expect(mine.candidates('b')[0].model).toBe('built-in')
    expect(offered(listing([]))).toEqual(['built-in'])
    expect(offered(listing([{ id: 'new' }], false))).toEqual(['built-in', 'new'])
  })
})

describe('a model that is shut down', () => {
  const ending = (listed: string[], settings: object = {}) => {
    const registry = new Registry()
    const models = [{ id: 'old', aliases: ['o'], shutdownDate: '2020-01-31', replacement: 'new' }, 'kept']
    registry.register({ ...provider('one'), models })
    registry.configure(config({ one: settings }))
    registry.setListed('one', told(listed.map((id) => ({ id }))))
    return registry
  }
  const offered = (registry: Registry) => [...(registry.providers[0]?.models.keys() ?? [])]

  it('is offered until the provider lists it no longer, and then still asked for', () => {
    expect(offered(ending([]))).toEqual(['old', 'kept'])
    expect(offered(ending(['old', 'new']))).toEqual(['old', 'kept', 'new'])
    const registry = ending(['new'])
    expect(offered(registry)).toEqual(['kept', 'new'])
    expect(registry.candidates('o')).toMatchObject([{ provider: { name: 'one' }, model: 'old' }])
    expect(() => ending(['new'], { enabled: false }).candidates('old')).toThrow()
    expect(offered(ending(['new'], { models: ['old'] }))).toEqual(['old', 'kept', 'new'])
  })

  it('leaves the request first to a provider that has the model', () => {
    const registry = ending(['new'])
    registry.register({ ...provider('two'), models: ['old'] })
    registry.configure(config({ one: {}, two: {} }))
    expect(registry.candidates('old')).toMatchObject([{ provider: { name: 'two' } }, { provider: { name: 'one' } }])
  })

  it('is told of to who names it in config, a month before', () => {
    const registry = ending([])
    const settings = { models: { fast: ['one/old', 'kept'], soon: ['o'], pattern: ['one/*'], none: ['nobody'] } }
    const at = (day: string) => shutdownWarnings(registry, settings, Date.parse(day))
    expect(at('2019-12-31')).toEqual([])
    expect(at('2020-01-02')).toEqual([
      'models.fast names one/old. old is shut down on 2020-01-31. Ask for new instead.',
      'models.soon names o. old is shut down on 2020-01-31. Ask for new instead.',
    ])
    expect(at('2020-02-01')[0]).toContain('old was shut down')
  })
})

describe('what is built in and listed', () => {
  it('keeps its aliases, its credential and each fact that the list has no word for', () => {
    const builtIn: ModelInfo = {
      id: 'm',
      aliases: ['a'],
      credential: 'oauth',
      contextWindow: 5,
      capabilities: { vision: true, tools: true },
    }
    const registry = new Registry()
    registry.register({ ...provider('one'), models: [builtIn] })
    registry.configure(config({ one: {} }))
    const capabilities = { vision: undefined, tools: false, reasoning: true }
    registry.setListed(
      'one',
      told([
        { id: 'm', aliases: ['x'], credential: undefined, contextWindow: undefined, maxOutputTokens: 3, capabilities },
      ]),
    )
    expect(registry.providers[0]?.models.get('m')).toStrictEqual({
      ...builtIn,
      maxOutputTokens: 3,
      capabilities: { vision: true, tools: false, reasoning: true },
    })
  })
})

describe('a provider of a type', () => {
  it('is made for each entry that names it', () => {
    const registry = new Registry()
    registry.register(definePlugin({ name: 'openai-compatible', instance: provider }))
    const type = 'openai-compatible'
    registry.configure(config({ first: { type }, second: { type } }))
    expect(registry.providers.map(({ name }) => name)).toEqual(['first', 'second'])
    expect(registry.candidates('second/x')[0]).toMatchObject({ provider: { name: 'second' }, model: 'x' })
  })

  it('is not made over a plugin, nor of a type that no plugin offers', () => {
    const registry = new Registry()
    registry.register(provider('one'))
    registry.configure(config({ one: { type: 'openai-compatible' } }))
    expect(registry.providers).toHaveLength(1)
    expect(() => registry.configure(config({ other: { type: 'openai-compatible' } }))).toThrow(
      /providers\.other.*openai-compatible/,
    )
  })
})
