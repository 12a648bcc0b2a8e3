import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { configOf, failure, reveal } from './support.ts'

describe('${NAME} in a file', () => {
  const env = { NAME: 'value', PORT: '9000', NO: 'false', LIST: 'a,b', EMPTY: '', TRAP: '${NAME}' }
  const text = async (value: string) =>
    (await configOf({ file: `telemetry: { service_name: ${JSON.stringify(value)} }`, env })).config.telemetry
      .service_name

  it.each([
    ['${NAME}', 'value'],
    ['a ${NAME} b ${PORT}', 'a value b 9000'],
    ['${NOT_SET:-default}', 'default'],
    ['${EMPTY:-default}', 'default'],
    ['a${NOT_SET:-}b', 'ab'],
    ['a${EMPTY}b', 'ab'],
    ['${NAME:-default}', 'value'],
    ['${NOT_SET:-http://x:1/?a=b}', 'http://x:1/?a=b'],
    ['$${NAME}', '${NAME}'],
    ['$NAME', '$NAME'],
    ['a$b', 'a$b'],
    ['${TRAP}', '${NAME}'],
  ])('%s is %s', async (given, expected) => expect(await text(given)).toBe(expected))

  it("is read as the key's type", async () => {
    const { config } = await configOf({
      file: 'port: ${PORT}\nusage: {enabled: "${NO}"}\nplugins: ${LIST}\nserver: {keys: ["${PORT}"], keep_alive: "${PORT}", workers: "${FEW}"}',
      env: { ...env, FEW: '3' },
    })
    expect(config.server.workers).toBe(3)
    expect(config).toMatchObject({ port: 9000, usage: { enabled: false }, plugins: ['a', 'b'] })
    expect(config.server.keep_alive).toBe(9000)
    expect(config.server.keys.map(({ key }) => reveal(key))).toEqual(['9000'])
    expect((await failure({ file: 'port: ${NAME}', env })).message).toBe(
      'last.yaml:1: port: expected a number, got text',
    )
  })

  it('is left alone in options and in the environment', async () => {
    expect((await configOf({ options: { host: '${NAME}' }, env })).config.host).toBe('${NAME}')
    expect((await configOf({ env: { ...env, BYOK_HOST: '${NAME}' } })).config.host).toBe('${NAME}')
  })

  it('that is empty leaves a key empty', async () => {
    const { message } = await failure({ file: 'providers: {claude: {api_key: "${EMPTY}"}}', env })
    expect(message).toBe('last.yaml:1: providers.claude.api_key: must not be empty')
  })
})

describe('BYOK_* in the environment', () => {
  it.each([
    ['BYOK_PORT', '9000', { port: 9000 }],
    ['BYOK_HOST', '0.0.0.0', { host: '0.0.0.0' }],
    ['BYOK_DB', '123', { db: '123' }],
    ['BYOK_USAGE__ENABLED', 'off', { usage: { enabled: false } }],
    ['BYOK_USAGE__ENABLED', 'TRUE', { usage: { enabled: true } }],
    ['BYOK_USAGE__RETENTION', '2d', { usage: { retention: 172_800_000 } }],
    ['BYOK_SERVER__KEEP_ALIVE', '1500', { server: { keep_alive: 1500 } }],
    ['BYOK_SERVER__ALLOWED_HOSTS', 'a, b,', { server: { allowed_hosts: ['a', 'b'] } }],
    ['BYOK_SERVER__ALLOWED_HOSTS', '["a,b", c]', { server: { allowed_hosts: ['a,b', 'c'] } }],
    ['BYOK_LOG', '{"level": "debug"}', { log: { level: 'debug', format: 'auto' } }],
    [
      'BYOK_MODELS',
      '{fast: codex/a, best: [codex/b, claude/c]}',
      { models: { fast: ['codex/a'], best: ['codex/b', 'claude/c'] } },
    ],
    [
      'BYOK_PROVIDERS__CLAUDE__BASE_URL',
      'http://127.0.0.1:1/',
      { providers: { claude: { base_url: 'http://127.0.0.1:1' } } },
    ],
    ['BYOK_PROVIDERS__CLAUDE__MODELS', 'a,b', { providers: { claude: { models: [{ id: 'a' }, { id: 'b' }] } } }],
    ['BYOK_PROVIDERS__CODEX__OAUTH__CLIENT_ID', '12', { providers: { codex: { oauth: { client_id: '12' } } } }],
    ['BYOK_PORT', ' ', { port: 8018 }],
    ['BYOK_SERVER__WORKERS', '4', { server: { workers: 4 } }],
    ['BYOK_SERVER__WORKERS', 'auto', { server: { workers: 'auto' } }],
  ])('%s=%s', async (name, value, expected) => {
    expect((await configOf({ env: { [name]: value } })).config).toMatchObject(expected)
  })

  it('takes numbers and switches that a program in JavaScript gives, and passes over what a worker has besides', async () => {
    const env = {
      BYOK_PORT: 9000,
      BYOK_USAGE__ENABLED: false,
      BYOK_DB: { get: () => '' },
    } as unknown as Record<string, string>
    expect((await configOf({ env })).config).toMatchObject({ port: 9000, usage: { enabled: false } })
  })

  it('reaches a provider whose name has a dash', async () => {
    const plugins = [{ name: 'my-own', executor: () => Promise.reject(new Error('not called')) }]
    const { config } = await configOf({ plugins, env: { BYOK_PROVIDERS__MY_OWN__ENABLED: '0' } })
    expect(config.providers['my-own']?.enabled).toBe(false)
  })

  it.each([
    ['BYOK_PORT', '8018.5', 'BYOK_PORT: port: expected a whole number, got a number'],
    ['BYOK_PROT', '1', 'BYOK_PROT: prot: unknown key. Did you mean "port"?'],
    ['BYOK_LOG__LEVLE', 'debug', 'BYOK_LOG__LEVLE: log.levle: unknown key. Did you mean "level"?'],
    ['BYOK_PORT', 'tcp://10.0.0.1:80', 'BYOK_PORT: port: expected a number, got text'],
    ['BYOK_SERVER__WORKERS', 'many', 'BYOK_SERVER__WORKERS: server.workers: expected "auto" or a number, got text'],
    ['BYOK_SERVER__WORKERS', '300', 'BYOK_SERVER__WORKERS: server.workers: must be 256 or less'],
    ['BYOK_LOG', '{level', 'BYOK_LOG: log: expected settings below it, got text'],
    ['BYOK_LOG', 'debug', 'BYOK_LOG: log: expected settings below it, got text'],
    ['BYOK_PLUGINS', '[a', 'BYOK_PLUGINS: plugins: expected a list, got text'],
    [
      'BYOK_PROVIDERS__CLAUD__API_KEY',
      'x',
      /^BYOK_PROVIDERS__CLAUD__API_KEY: providers\.claud: unknown provider\. Did/,
    ],
  ])('%s=%s is refused', async (name, value, expected) => {
    const { message } = await failure({ env: { [name]: value } })
    if (typeof expected === 'string') expect(message).toBe(expected)
    else expect(message).toMatch(expected)
  })

  it('that is like no setting is only warned of', async () => {
    const { warnings } = await configOf({ env: { BYOK_SOMEBODY_ELSE: '1', BYOK___PROTO____X: '1' } })
    expect(warnings).toEqual(
      ['BYOK_SOMEBODY_ELSE', 'BYOK___PROTO____X'].map(
        (name) => `The environment variable ${name} is no setting of byok and is ignored.`,
      ),
    )
  })
})

describe('flags', () => {
  it("are read as the key's type, and named as flags", async () => {
    const { config: served } = await configOf({ flags: { server: { workers: '2' } } })
    expect(served.server.workers).toBe(2)
    const { config, sources } = await configOf({ flags: { port: '0', log: { level: 'debug' } } })
    expect(config).toMatchObject({ port: 0, log: { level: 'debug' } })
    expect(sources.get('log.level')).toBe('--quiet or --verbose')
    expect((await failure({ flags: { port: 'x' } })).message).toBe('--port: port: expected a number, got text')
  })
})

describe('a provider', () => {
  it('has its keys as secrets, which nothing prints', async () => {
    const file = `
server: {keys: [client-secret]}
providers:
  claude:
    api_key: key-secret
    api_keys:
      - second-secret
      - {key: third-secret, label: work, weight: 2, priority: -1, base_url: "http://127.0.0.1/", proxy: "http://u:proxy-secret@h"}
    proxy: socks5://u:proxy-secret@h:1080
    oauth: {client_secret: oauth-secret, scopes: a b, token_url: "http://127.0.0.1/token/"}
`
    const { config } = await configOf({ file })
    const provider = config.providers['claude']
    expect(reveal(provider?.api_key)).toBe('key-secret')
    expect(provider?.api_keys).toMatchObject([
      { weight: 1, priority: 0 },
      { label: 'work', weight: 2, priority: -1, base_url: 'http://127.0.0.1' },
    ])
    expect(provider?.api_keys?.map(({ key }) => key.reveal())).toEqual(['second-secret', 'third-secret'])
    expect(reveal(provider?.proxy)).toBe('socks5://u:proxy-secret@h:1080')
    expect(provider?.oauth).toMatchObject({ scopes: ['a', 'b'], token_url: 'http://127.0.0.1/token/' })
    expect(provider?.oauth?.client_secret).toBeInstanceOf(Secret)
    expect(JSON.stringify(config)).not.toMatch(/-secret/)
    expect(inspect(config, { depth: 9 })).not.toMatch(/-secret/)
  })

  it('of a name without plugin is made by its type', async () => {
    const { config } = await configOf({
      file: 'providers: {groq: {type: openai-compatible, base_url: "http://127.0.0.1/v1/", models: [a]}}\nmodels: {fast: groq/a}',
    })
    expect(config.providers['groq']).toMatchObject({
      type: 'openai-compatible',
      base_url: 'http://127.0.0.1/v1',
      enabled: true,
      models: [{ id: 'a' }],
    })
    expect(config.models).toEqual({ fast: ['groq/a'] })
  })
})
