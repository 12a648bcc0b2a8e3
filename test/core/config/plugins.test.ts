import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compatibleShape, configJsonSchema } from '../../../src/core/config/index.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { claude, codex, configOf, failure, load } from './support.ts'

const kiro = {
  ...codex,
  name: 'kiro',
  config: z
    .object({
      region: z.string().default('us-east-1').describe('The AWS region.'),
      limit: z.number().optional(),
      token: z.string().regex(/^t-/).optional(),
    })
    .refine(({ region, limit }) => region !== 'moon' || limit === 0, {
      path: ['limit'],
      error: 'must be 0 on the moon',
    }),
}

describe("a plugin's own keys", () => {
  const plugins = [claude, kiro]

  it('stand beside the common ones, with their defaults', async () => {
    const { config, sources } = await configOf({ plugins, file: 'providers: {kiro: {limit: 3, enabled: false}}' })
    expect(config.providers['kiro']).toMatchObject({ region: 'us-east-1', limit: 3, enabled: false, models: [] })
    expect(sources.get('providers.kiro.region')).toBe('default')
    expect(config.providers['claude']).not.toHaveProperty('region')
  })

  it('can be given in the environment', async () => {
    const { config } = await configOf({ plugins, env: { BYOK_PROVIDERS__KIRO__LIMIT: '7' } })
    expect(config.providers['kiro']).toMatchObject({ limit: 7 })
  })

  it.each([
    ['regoin: x', 'last.yaml:3: providers.kiro.regoin: unknown key. Did you mean "region"?'],
    ['region: 3', 'last.yaml:3: providers.kiro.region: expected text, got a number. Put it in quotes'],
    ['region: moon', 'last.yaml:2: providers.kiro.limit: must be 0 on the moon'],
  ])('are checked: %s', async (line, expected) => {
    const { message } = await failure({ plugins, file: `providers:\n  kiro:\n    ${line}` })
    expect(message).toBe(expected)
  })

  it("are another plugin's unknown keys", async () => {
    const { message } = await failure({ plugins, file: 'providers: {claude: {region: x}}' })
    expect(message).toMatch(/^last\.yaml:1: providers\.claude\.region: unknown key/)
  })

  it('may quote the value in their error; byok does not', async () => {
    const own = z.object({ pass: z.string().superRefine((value, context) => context.addIssue(`bad: ${value}`)) })
    const { message } = await failure({
      plugins: [{ ...kiro, config: own }],
      file: 'providers: {kiro: {pass: hunter22}}',
    })
    expect(message).toBe('last.yaml:1: providers.kiro.pass: bad: [value]')
  })

  it('may narrow a common one', async () => {
    const config = z.object({ base_url: z.url().default('http://127.0.0.1/own') })
    const loaded = await configOf({ plugins: [{ ...kiro, config }] })
    expect(loaded.config.providers['kiro']).toMatchObject({ base_url: 'http://127.0.0.1/own' })
  })

  it.each([
    ['a text', z.object({ api_key: z.string().startsWith('t-').optional() })],
    ['a secret', z.object({ api_key: z.string().transform((key) => new Secret(key)) })],
    ['a text that is changed', z.object({ api_key: z.string().transform((key) => `t-${key.slice(2)}`) })],
  ])('may narrow a key to %s, which is a secret all the same', async (_, config) => {
    const plugins = [{ ...kiro, config }]
    const loaded = await configOf({ plugins, file: 'providers: {kiro: {api_key: t-1234}}' })
    const key = loaded.config.providers['kiro']?.api_key
    expect(key).toBeInstanceOf(Secret)
    expect(key?.reveal()).toBe('t-1234')
    expect(configJsonSchema(plugins)).toHaveProperty(
      'properties.providers.properties.kiro.properties.api_key.type',
      'string',
    )
  })

  it('may not make something else of a key', async () => {
    const config = z.object({ api_key: z.number().optional() })
    const { message } = await failure({ plugins: [{ ...kiro, config }], file: 'providers: {kiro: {api_key: 5}}' })
    expect(message).toMatch(/^last\.yaml:1: providers\.kiro\.api_key: expected text, got a number/)
  })

  it('are there for a plugin that is no provider, if it has any', async () => {
    const budget = { name: 'budget', config: z.object({ a_day: z.number().default(5) }) }
    expect((await configOf({ plugins: [budget] })).config.providers['budget']).toMatchObject({ a_day: 5 })
    const file = 'providers: {logging: {}}'
    expect((await failure({ plugins: [{ name: 'logging' }], file })).message).toMatch(/unknown provider/)
  })

  it('let a plugin serve an openai-compatible name', async () => {
    const file = 'providers: {groq: {type: openai-compatible, base_url: "http://127.0.0.1"}}'
    expect((await load({ file })).compatible).toEqual(['groq'])
    const groq = { ...codex, name: 'groq', config: z.object(compatibleShape) }
    const { config } = await configOf({ plugins: [groq], file })
    expect(config.providers['groq']).toMatchObject({ type: 'openai-compatible', base_url: 'http://127.0.0.1' })
  })

  it('are in the JSON Schema for editors', () => {
    const schema = configJsonSchema(plugins) as {
      additionalProperties: boolean
      properties: {
        port: object
        providers: { properties: Record<string, { properties: object; required?: string[] }> }
      }
    }
    expect(schema.additionalProperties).toBe(false)
    expect(schema.properties.port).toMatchObject({ type: 'integer', default: 8018, description: expect.any(String) })
    expect(schema.properties.providers.properties['kiro']?.properties).toMatchObject({
      region: { type: 'string', description: 'The AWS region.' },
      api_key: { type: 'string' },
    })
    expect(schema.properties.providers.properties['kiro']).not.toHaveProperty('required')
    expect(configJsonSchema().properties).toHaveProperty('providers.additionalProperties.properties.type')
  })
})
