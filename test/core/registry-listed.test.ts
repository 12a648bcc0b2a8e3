import { describe, expect, it } from 'vitest'
import { apiKey } from '../../src/core/auth/method.ts'
import { configSchema } from '../../src/core/config/index.ts'
import { definePlugin } from '../../src/core/plugin.ts'
import type { ProviderPlugin } from '../../src/core/plugin.ts'
import { Registry } from '../../src/core/registry.ts'

const provider = (name: string): ProviderPlugin =>
  definePlugin({
    name,
    models: [{ id: 'built-in', aliases: ['b'], contextWindow: 5 }],
    auth: [apiKey()],
    translator: { format: 'test', request: () => ({}), events: () => ({ push: () => [], end: () => [] }) },
    executor: (): Promise<never> => Promise.reject(new Error('not called')),
  })

const config = (providers: object) => configSchema.parse({ providers })

describe('Registry.setListed', () => {
  it('puts listed models after the others, whose facts count first', () => {
    const registry = new Registry()
    registry.register(provider('one'))
    const settings = config({ one: { models: [{ id: 'mine', max_output_tokens: 7 }] } })
    registry.configure(settings)
    registry.setListed('one', [
      { id: 'new', contextWindow: 1 },
      { id: 'built-in', contextWindow: 9, maxOutputTokens: 3, endpoints: ['/x'] },
      { id: 'mine', maxOutputTokens: 9 },
    ])
    const models = () => [...(registry.providers[0]?.models.values() ?? [])]
    const expected = [
      { id: 'built-in', aliases: ['b'], contextWindow: 5, maxOutputTokens: 3, endpoints: ['/x'] },
      { id: 'mine', maxOutputTokens: 7 },
      { id: 'new', contextWindow: 1 },
    ]
    expect(models()).toEqual(expected)
    expect(registry.candidates('b')[0].model).toBe('built-in')
    registry.configure(settings)
    expect(models()).toEqual(expected)
  })

  it('takes a list of a provider it does not have', () => {
    const registry = new Registry()
    registry.setListed('one', [{ id: 'new' }])
    expect(registry.providers).toEqual([])
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
