import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiKey } from '../../../src/core/auth/method.ts'
import { ConfigError, loadConfig } from '../../../src/core/config/index.ts'
import type { LoadOptions } from '../../../src/core/config/index.ts'
import { definePlugin } from '../../../src/core/plugin/plugin.ts'

const acme = definePlugin({
  name: 'acme',
  models: ['large'],
  auth: [apiKey({ env: ['ACME_API_KEY'] })],
  translator: { format: 'test', request: () => ({}), events: () => ({ push: () => [], end: () => [] }) },
  executor: (): Promise<never> => Promise.reject(new Error('not called')),
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'byok-config-'))
  await mkdir(join(folder, 'home/.byok'), { recursive: true })
  await mkdir(join(folder, 'work'))
  await writeFile(join(folder, 'home/.byok/config.yaml'), 'port: 1\nhost: a\nserver:\n  keep_alive: 1s\n')
  await writeFile(join(folder, 'work/byok.config.yaml'), 'port: 2\nhost: b\n')
  await writeFile(join(folder, 'given.yaml'), 'port: 3\n')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function load(options: Partial<LoadOptions> = {}) {
  const env = { HOME: join(folder, 'home'), ...options.env }
  const loaded = await loadConfig({ cwd: join(folder, 'work'), ...options, env })
  return loaded.finish([acme])
}

async function yaml(text: string, options: Partial<LoadOptions> = {}) {
  const path = join(await mkdtemp(join(folder, 'yaml-')), 'c.yaml')
  await writeFile(path, text)
  return load({ files: false, configFile: path, ...options })
}

describe('layers of config', () => {
  it('outrank each other in order', async () => {
    expect((await load()).config).toMatchObject({ port: 2, host: 'b', server: { keep_alive: 1000 } })
    const configFile = join(folder, 'given.yaml')
    expect((await load({ configFile })).config).toMatchObject({ port: 3, host: 'b' })
    const env = { BYOK_PORT: '4' }
    expect((await load({ configFile, env })).config.port).toBe(4)
    expect((await load({ configFile, env, flags: { port: 5 } })).config.port).toBe(5)
    expect((await load({ configFile, env, flags: { port: 5 }, overrides: { port: 6 } })).config.port).toBe(6)
  })

  it('have defaults beneath them', async () => {
    expect((await load({ files: false })).config).toMatchObject({ port: 8018, host: '127.0.0.1' })
  })

  it('take the usual variable of a key, and say where it came from', async () => {
    const { config, sources } = await load({ env: { ACME_API_KEY: 'k-1' } })
    expect(config.providers['acme']?.api_key?.reveal()).toBe('k-1')
    expect(sources.get('providers.acme.api_key')).toBe('ACME_API_KEY')
    expect((await load({ env: { ACME_API_KEY: ' ' } })).config.providers['acme']?.api_key).toBeUndefined()
    const env = { ACME_API_KEY: 'k-1', BYOK_PROVIDERS__ACME__API_KEY: 'k-2' }
    expect((await load({ env })).config.providers['acme']?.api_key?.reveal()).toBe('k-2')
  })

  it('put variables into values', async () => {
    const text = 'port: ${PORT}\nhost: ${HOST_NAME:-localhost}\n'
    expect((await yaml(text, { env: { PORT: '77' } })).config).toMatchObject({ port: 77, host: 'localhost' })
  })
})

describe('a broken config', () => {
  it.each([
    ['an unknown key', 'prot: 1\n', /c\.yaml:1: prot: unknown key\. Did you mean "port"/],
    ['a nested unknown key', 'log:\n  levle: info\n', /c\.yaml:2: log\.levle: .*"level"/],
    ['an unknown provider', 'providers:\n  acne: {}\n', /c\.yaml:2: providers\.acne: unknown provider.*"acme"/],
    ['a wrong type', 'host: a\nport: many\n', /c\.yaml:2: port: expected a number/],
    ['bad YAML', 'host: a\nport: [1\n', /c\.yaml:\d+: bad YAML/],
    ['an unset variable', 'host: ${NOT_SET}\n', /c\.yaml:1: host: .*NOT_SET is not set/],
    ['a name that reaches the prototype', '__proto__:\n  port: 1\n', /not allowed as a name/],
    ['a key twice', 'port: 1\nport: 2\n', /c\.yaml:2: port: bad YAML: the key is there twice/],
  ])('names file, line and key of %s', async (_, text, message) => {
    const error: unknown = await yaml(text).catch((fault: unknown) => fault)
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toMatch(message)
  })

  it('is told whole, and without the value of a key', async () => {
    const text = 'prot: 1\nproviders:\n  acme:\n    api_key: "sk with spaces"\n    bas_url: http://x\n'
    const error: unknown = await yaml(text).catch((fault: unknown) => fault)
    expect(error).toMatchObject({ problems: expect.objectContaining({ length: 3 }) })
    expect(String(error)).not.toContain('sk with spaces')
  })

  it('may be a file that is not there', async () => {
    await expect(load({ configFile: join(folder, 'none.yaml') })).rejects.toThrow(/none\.yaml: there is no such/)
  })

  it('may come from the environment', async () => {
    await expect(load({ env: { BYOK_PORT: 'x' } })).rejects.toThrow(/BYOK_PORT: port: expected a number/)
  })
})
