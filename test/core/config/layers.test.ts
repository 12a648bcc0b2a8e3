import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/core/config/index.ts'
import { claude, configOf, folders, load, reveal, write } from './support.ts'
import type { Case } from './support.ts'

describe('layers', () => {
  // From the weakest; each case has all layers up to its own.
  const layers: [name: string, layer: Case, port: number, source: RegExp][] = [
    ['defaults', {}, 8018, /^default$/],
    ['~/.byok/config.yaml', { home: 'port: 1' }, 1, /^~\/\.byok\/config\.yaml:1$/],
    ['./byok.config.yaml', { folder: '\nport: 2' }, 2, /byok\.config\.yaml:2$/],
    ['-c FILE', { file: '# first\n\nport: 3' }, 3, /^last\.yaml:3$/],
    ['the environment', { env: { BYOK_PORT: '4' } }, 4, /^BYOK_PORT$/],
    ['flags', { flags: { port: 5 } }, 5, /^--port$/],
    ['createByok options', { options: { port: 6 } }, 6, /^createByok options$/],
  ]

  it.each(layers.map(([name, , port, source], index) => ({ name, port, source, index })))(
    '$name outrank what is before',
    async ({ port, source, index }) => {
      const below = layers.slice(0, index + 1).map(([, layer]) => layer)
      const { config, sources } = await configOf(Object.assign({}, ...below) as Case)
      expect(config.port).toBe(port)
      expect(sources.get('port')).toMatch(source)
    },
  )

  it('are merged key by key, lists replaced', async () => {
    const { config, sources } = await configOf({
      home: 'log: {level: debug, format: json}\nserver: {allowed_hosts: [a, b]}',
      folder: 'log:\n  level: warn\nserver:\n  allowed_hosts: [c]\n  keep_alive: 1s',
      env: { BYOK_UPSTREAM: '{retries: 1}', BYOK_UPSTREAM__RETRY_DELAY: '2s' },
    })
    expect(config.log).toEqual({ level: 'warn', format: 'json' })
    expect(config.server).toMatchObject({ allowed_hosts: ['c'], keep_alive: 1000 })
    expect(config.upstream).toMatchObject({ retries: 1, retry_delay: 2000 })
    expect(sources.get('log.format')).toBe('~/.byok/config.yaml:1')
    expect(sources.get('log.level')).toMatch(/byok\.config\.yaml:2$/)
    expect(sources.get('upstream.retries')).toBe('BYOK_UPSTREAM')
  })

  it('take an empty key for nothing said', async () => {
    const { config } = await configOf({ home: 'log: {level: debug}', folder: 'log:\nproviders:\n  claude:\nplugins:' })
    expect(config.log.level).toBe('debug')
    expect(config.providers['claude']).toMatchObject({ enabled: true, models: [] })
    expect(config.plugins).toEqual([])
  })

  it('skip options that are undefined', async () => {
    const { config } = await configOf({ folder: 'port: 2', flags: { port: undefined }, options: { host: undefined } })
    expect(config).toMatchObject({ port: 2, host: '127.0.0.1' })
  })

  it('take an empty file, and one of comments', async () => {
    const { config } = await configOf({ home: '', folder: '# nothing yet\n', file: '---\n' })
    expect(config.port).toBe(8018)
  })

  it('leave the usual files out where that is asked', async () => {
    const { home, cwd } = await folders()
    await write(join(home, '.byok/config.yaml'), 'port: 1')
    await write(join(cwd, 'byok.config.yaml'), 'port: {')
    const loaded = await loadConfig({ cwd, env: { HOME: home }, files: false })
    expect(loaded.files).toEqual([])
    expect(loaded.finish([]).config.port).toBe(8018)
  })

  it('name the plugins before these are loaded', async () => {
    expect((await load({ folder: 'plugins: [a, ./b.js]' })).plugins).toEqual(['a', './b.js'])
    expect((await load({ folder: 'plugins: [a]', env: { BYOK_PLUGINS: 'b, c' } })).plugins).toEqual(['b', 'c'])
  })

  it('take anchors and merge keys', async () => {
    const { config, sources } = await configOf({
      folder:
        'log: &log {level: debug}\nusage: &usage\n  enabled: false\nserver: {allowed_hosts: &h ["*"], allowed_origins: *h}\n',
    })
    expect(config.log.level).toBe('debug')
    expect(config.server).toMatchObject({ allowed_hosts: ['*'], allowed_origins: ['*'] })
    expect(sources.get('usage.enabled')).toMatch(/:3$/)
    const merged = await configOf({
      folder:
        'providers:\n  claude: &common\n    base_url: http://127.0.0.1:1/\n    headers: {a: b}\n  codex:\n    <<: *common\n    headers: {c: d}\n',
    })
    expect(merged.config.providers['codex']).toMatchObject({ base_url: 'http://127.0.0.1:1', headers: { c: 'd' } })
  })
})

describe('files', () => {
  it('lists those that count, existing or not, for a watcher', async () => {
    const { files, home, cwd } = await load({ file: '' })
    expect(files.map(({ path }) => path)).toEqual([
      join(home, '.byok/config.yaml'),
      join(cwd, 'byok.config.yaml'),
      join(cwd, 'last.yaml'),
    ])
  })

  it('reload reads all again and leaves the first as it was', async () => {
    const loaded = await load({ folder: 'port: 1' })
    await write(join(loaded.cwd, 'byok.config.yaml'), 'port: 2')
    await write(join(loaded.home, '.byok/config.yaml'), 'host: ::1')
    const again = await loaded.reload()
    expect(loaded.finish([]).config).toMatchObject({ port: 1, host: '127.0.0.1' })
    expect(again.finish([]).config).toMatchObject({ port: 2, host: '::1' })
    await write(join(loaded.cwd, 'byok.config.yaml'), 'port: [')
    await expect(again.reload()).rejects.toThrow(/byok\.config\.yaml:1: bad YAML/)
  })

  it('warns of a .yml that is overlooked', async () => {
    const { home, cwd } = await folders()
    await write(join(home, '.byok/config.yml'), 'port: 1')
    const { warnings } = await loadConfig({ cwd, env: { HOME: home } })
    expect(warnings).toEqual(['~/.byok/config.yml is not read. Its name must be ~/.byok/config.yaml.'])
  })

  it('refuses a -c FILE that is not there, or is a folder', async () => {
    const { home, cwd } = await folders()
    const from = (configFile: string) => loadConfig({ cwd, env: { HOME: home }, configFile })
    await expect(from('none.yaml')).rejects.toThrow('none.yaml: there is no such config file')
    await expect(from('byok.config.yaml')).rejects.toThrow('byok.config.yaml: there is no such config file')
    await expect(from(cwd)).rejects.toThrow(/cannot be read \(EISDIR\)/)
  })
})

describe("a vendor's usual variable", () => {
  const file = 'providers: {claude: {api_key: from-file}}'
  const key = async (layers: Case) => {
    const { config, sources, warnings } = await configOf({ plugins: [claude], ...layers })
    return [reveal(config.providers['claude']?.api_key), sources.get('providers.claude.api_key'), warnings] as const
  }

  it('is the key where nothing else is', async () => {
    expect(await key({ env: { ANTHROPIC_API_KEY: ' from-env\n' } })).toEqual(['from-env', 'ANTHROPIC_API_KEY', []])
  })

  it('counts as unset when empty; the next one is taken', async () => {
    expect(await key({ env: { ANTHROPIC_API_KEY: '' } })).toEqual([undefined, undefined, []])
    expect(await key({ env: { ANTHROPIC_API_KEY: ' ', CLAUDE_KEY: 'next' } })).toEqual(['next', 'CLAUDE_KEY', []])
    expect((await key({ file, env: { ANTHROPIC_API_KEY: '' } }))[0]).toBe('from-file')
  })

  it('counts as unset where it holds what `byok env` exports', async () => {
    expect(await key({ env: { ANTHROPIC_API_KEY: 'byok-local' } })).toEqual([undefined, undefined, []])
    expect(await key({ file, env: { ANTHROPIC_API_KEY: 'byok-local\n' } })).toEqual([
      'from-file',
      expect.anything(),
      [],
    ])
  })

  it('outranks the files, and says so', async () => {
    const [value, source, warnings] = await key({ file, env: { ANTHROPIC_API_KEY: 'from-env' } })
    expect([value, source]).toEqual(['from-env', 'ANTHROPIC_API_KEY'])
    expect(warnings).toEqual(['ANTHROPIC_API_KEY in the environment outranks providers.claude.api_key in last.yaml:1.'])
  })

  it('is outranked by BYOK_*, flags and options', async () => {
    const env = { ANTHROPIC_API_KEY: 'from-env' }
    const given = { providers: { claude: { api_key: 'given' } } }
    expect((await key({ file, env: { ...env, BYOK_PROVIDERS__CLAUDE__API_KEY: 'own' } }))[0]).toBe('own')
    expect((await key({ file, env, flags: given }))[0]).toBe('given')
    expect((await key({ file, env, options: given }))[0]).toBe('given')
  })
})
