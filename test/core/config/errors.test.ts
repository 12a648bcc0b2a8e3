import { describe, expect, it } from 'vitest'
import { configOf, failure } from './support.ts'

describe('what a higher layer has settings for', () => {
  it.each([
    [
      'a key in the place of its provider, under the vendor’s variable',
      { file: 'providers:\n  claude: sk-ant-1', env: { ANTHROPIC_API_KEY: 'sk-ant-2' } },
      'last.yaml:2: providers.claude: expected settings below it, got text',
    ],
    [
      'a list, under another file',
      { folder: 'models: [a]', file: 'models: {fast: claude/x}' },
      /byok\.config\.yaml:1: models: expected names below it, got a list$/,
    ],
    [
      'a variable that is no JSON',
      { env: { BYOK_PROVIDERS: '{', ANTHROPIC_API_KEY: 'sk-ant-2' } },
      'BYOK_PROVIDERS: providers: expected settings below it, got text',
    ],
    [
      'text two layers below',
      { home: 'log: debug', folder: 'log: {level: warn}', options: { log: { format: 'json' } } },
      '~/.byok/config.yaml:1: log: expected settings below it, got text',
    ],
  ])('is not lost in silence: %s', async (_, layers, message) => {
    const { message: said } = await failure(layers)
    expect(said).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
    expect(said).not.toContain('sk-ant')
  })

  it('may be a value where both may be', async () => {
    const { config } = await configOf({ home: 'server: {tls: true}', folder: 'server: {tls: {cert: a, key: b}}' })
    expect(config.server.tls).toMatchObject({ cert: 'a', key: 'b' })
    expect((await configOf({ home: 'log:', folder: 'log: {level: warn}' })).config.log.level).toBe('warn')
  })
})

describe('what is wrong in a file is named with file, line and key', () => {
  it.each([
    ['an unknown key', 'host: a\nprot: 1', 'last.yaml:2: prot: unknown key. Did you mean "port"?'],
    [
      'in another style',
      'providers:\n  claude:\n    baseUrl: http://a',
      'last.yaml:3: providers.claude.baseUrl: unknown key. Did you mean "base_url"?',
    ],
    ['with none near', 'log:\n  zzzzzz: 1', 'last.yaml:2: log.zzzzzz: unknown key. Known here: level, format, file.'],
    [
      'an unknown provider',
      'providers:\n\n  cluade: {}',
      'last.yaml:3: providers.cluade: unknown provider. Did you mean "claude"? Any other endpoint needs `type: openai-compatible` and a `base_url`.',
    ],
    ['one that is empty', 'providers:\n  cluade:', /^last\.yaml:2: providers\.cluade: unknown provider/],
    [
      'a provider in the wrong place',
      'claude: {api_key: x}',
      'last.yaml:1: claude: unknown key. Did you mean "providers.claude"?',
    ],
    ['text for a number', 'port: many', 'last.yaml:1: port: expected a number, got text'],
    ['a number for text', 'host: 1', 'last.yaml:1: host: expected text, got a number. Put it in quotes'],
    ['bytes for a number', 'port: !!binary aGk=', 'last.yaml:1: port: expected a number, got bytes'],
    ['a list for settings', 'log: [a]', 'last.yaml:1: log: expected settings below it, got a list'],
    ['text for settings', 'log: debug', 'last.yaml:1: log: expected settings below it, got text'],
    ['text for a list', 'plugins: a', 'last.yaml:1: plugins: expected a list, got text'],
    ['an entry of a list', 'plugins:\n  - a\n  - 3', /^last\.yaml:3: plugins\[1\]: expected text, got a number/],
    ['an empty list for text', 'host: []', 'last.yaml:1: host: expected text, got a list'],
    ['a key without a value', 'host:', 'last.yaml:1: host: is empty: expected text'],
    ['an empty text', "host: ''", 'last.yaml:1: host: must not be empty'],
    ['a number too big', 'port: 70000', 'last.yaml:1: port: must be 65535 or less'],
    ['a number too small', 'port: -1', 'last.yaml:1: port: must be 0 or more'],
    ['a fraction', 'port: 1.5', 'last.yaml:1: port: expected a whole number, got a number'],
    ['yes for true', 'usage: {enabled: yes}', 'last.yaml:1: usage.enabled: expected true or false, got text'],
    [
      'a wrong choice',
      'log: {level: wran}',
      'last.yaml:1: log.level: expected "silent", "error", "warn", "info" or "debug". Did you mean "warn"?',
    ],
    ['a wrong time', 'server: {keep_alive: 5x}', /^last\.yaml:1: server\.keep_alive: expected milliseconds, or a time/],
    [
      'a time no timer can wait',
      'server: {keep_alive: 1y}',
      'last.yaml:1: server.keep_alive: must not be longer than 25d',
    ],
    ['a wrong URL', 'providers: {claude: {base_url: a.b}}', /providers\.claude\.base_url: expected an http:\/\/ or/],
    ['a password in a URL', 'providers: {claude: {base_url: "http://u:p@a"}}', /must not hold a user name or password/],
    [
      'a URL with no room for a path',
      'providers: {codex: {base_url: "https://a.example/openai/v1?api-version=preview"}}',
      'last.yaml:1: providers.codex.base_url: must not hold `?` or `#`, for byok adds paths to it',
    ],
    [
      'a wrong proxy',
      'providers: {claude: {proxy: "socks4://a"}}',
      /providers\.claude\.proxy: expected an http:\/\/, /,
    ],
    ['a header that cannot be', 'providers: {claude: {headers: {"a b": c}}}', /headers\["a b"\]: is not the name of/],
    ['a header that ends early', 'providers: {claude: {headers: {a: "b\\nc: d"}}}', /headers\.a: must be text without/],
    [
      'a model without id',
      'providers:\n  claude:\n    models:\n      - aliases: [x]',
      'last.yaml:4: providers.claude.models[0].id: is missing: expected text',
    ],
    [
      'one of several ways to write a key',
      'providers:\n  claude:\n    api_keys:\n      - a\n      - key: b\n        lable: c',
      'last.yaml:6: providers.claude.api_keys[1].lable: unknown key. Did you mean "label"?',
    ],
    [
      'a label used twice',
      'providers:\n  claude:\n    api_keys:\n      - {key: a, label: x}\n      - {key: b, label: x}',
      'last.yaml:5: providers.claude.api_keys[1].label: another key has this label already',
    ],
    [
      'a label that is a name of byok’s own',
      'providers:\n  claude:\n    api_key: a\n    api_keys:\n      - {key: b, label: api_key}',
      /^last\.yaml:5: providers\.claude\.api_keys\[0\]\.label: is what byok calls a key without a label/,
    ],
    [
      'part of a hash, which would be a key that is no secret',
      'server:\n  keys:\n    - sha256:0123abcd\n',
      'last.yaml:3: server.keys[0]: expected the 64 hexadecimal digits of a hash behind `sha256:`',
    ],
    [
      'the same, of a key with a label',
      `server: {keys: [{label: a, key: "sha256:${'0'.repeat(65)}"}]}`,
      /^last\.yaml:1: server\.keys\[0\]\.key: expected the 64 hexadecimal digits/,
    ],
    [
      'a web origin without its scheme',
      'server: {allowed_origins: [mine.test]}',
      /^last\.yaml:1: server\.allowed_origins\[0\]: expected an origin as browsers send it, such as https:\/\/app\.example/,
    ],
    ...['https://app.example/', 'https://App.example', 'https://app.example:443', 'app://x/y'].map(
      (origin): [string, string, RegExp] => [
        `a web origin as no browser sends it, ${origin}`,
        `server: {allowed_origins: ['${origin}']}`,
        /^last\.yaml:1: server\.allowed_origins\[0\]: expected an origin as browsers send it/,
      ],
    ),
    [
      'a URL for a host',
      'server: {allowed_hosts: ["http://box.lan"]}',
      'last.yaml:1: server.allowed_hosts[0]: expected a host without scheme and path, such as box.lan',
    ],
    ['no time for an answer', 'routing: {timeout: 0}', 'last.yaml:1: routing.timeout: must be longer than 0'],
    ['an alias without provider', 'models: {fast: gpt-4o}', 'last.yaml:1: models.fast: expected `provider/model`'],
    ['an alias to no one', 'models:\n  fast: []', /^last\.yaml:2: models\.fast: /],
    [
      'an alias to a wrong provider',
      'models:\n  gpt-4.1:\n    - codex/gpt-4.1\n    - cladue/x',
      'last.yaml:4: models["gpt-4.1"][1]: names a provider there is not. Did you mean "claude"?',
    ],
    [
      'bounds the wrong way round',
      'routing:\n  min_cooldown: 1h\n  max_cooldown: 1m',
      'last.yaml:3: routing.max_cooldown: must not be shorter than min_cooldown',
    ],
    ['a compatible provider without URL', 'providers:\n  groq:\n    type: openai-compatible', /base_url: is missing/],
    ['a type for a plugin', 'providers: {claude: {type: openai-compatible}}', /providers\.claude\.type: unknown key/],
    [
      'a misspelt type',
      'providers:\n  groq:\n    type: openai-compatibel',
      'last.yaml:3: providers.groq.type: expected "openai-compatible"',
    ],
    [
      "a name that is no provider's",
      'providers: {Groq: {type: openai-compatible, base_url: "https://x"}}',
      /providers\.Groq: a provider's name is lower-case letters/,
    ],
    ['a wrong type', 'providers: {groq: {type: openai}}', /providers\.groq\.type: expected "openai-compatible"/],
    ['a type that is none', 'providers: {groq: {type: rest}}', /providers\.groq: unknown provider/],
    [
      'a host with a scheme',
      'host: http://localhost',
      'last.yaml:1: host: expected a host without scheme and port, such as 127.0.0.1',
    ],
    ['a host with a port', 'host: localhost:8018', /host: expected a host without scheme and port/],
    ['a host in brackets with a port', 'host: "[::1]:8018"', /host: expected a host without scheme and port/],
    ['a prototype', 'log:\n  __proto__: {level: debug}', 'last.yaml:2: log.__proto__: is not allowed as a name'],
    ['a constructor', 'constructor: 1', 'last.yaml:1: constructor: is not allowed as a name'],
    [
      'an unset variable',
      'providers:\n  claude:\n    api_key: ${NOT_SET}',
      'last.yaml:3: providers.claude.api_key: the environment variable NOT_SET is not set. Set it, or write ${NOT_SET:-default}',
    ],
    ['a broken variable', 'host: "${1x}"', /^last\.yaml:1: host: holds a `\$\{` that is neither/],
    ['a variable without end', 'host: "${HOME"', /^last\.yaml:1: host: holds a `\$\{` that is neither/],
    // YAML itself.
    ['a bracket that is missing', 'port: [1', /^last\.yaml:1: bad YAML: the indentation is wrong, or a bracket/],
    ['a key twice', 'port: 1\nport: 2', 'last.yaml:2: port: bad YAML: the key is there twice'],
    ['a tab', 'log:\n\tlevel: debug', /^last\.yaml:2: bad YAML: [^\n]*$/],
    [
      'a bare variable in a map on one line',
      'providers:\n  codex: { api_key: ${HOME_KEY}, enabled: true }\nport: 1',
      'last.yaml:2: bad YAML: within brackets, ${NAME} has to be in quotes: "${NAME}"',
    ],
    [
      'a bare variable in a list on one line',
      'server:\n  keys: [${ONE_KEY}, "${TWO_KEYS}"]',
      'last.yaml:2: bad YAML: within brackets, ${NAME} has to be in quotes: "${NAME}"',
    ],
    [
      'a bare variable behind quotes on one line',
      `providers:\n  groq: { base_url: "https://x.test/v1", type: 'openai-compatible', api_key: \${GROQ_KEY} }`,
      'last.yaml:2: bad YAML: within brackets, ${NAME} has to be in quotes: "${NAME}"',
    ],
    [
      'two variables side by side, outside of brackets',
      'host: "${ONE}" "${TWO}"',
      'last.yaml:1: bad YAML: something is out of place here',
    ],
    ['two documents', 'port: 1\n---\nport: 2', /^last\.yaml:2: bad YAML: there is more than one document/],
    ['an unknown tag', 'host: !foo a', 'last.yaml:1: bad YAML: the tag (!name) is unknown'],
    [
      'an alias without anchor',
      'host: *nobody',
      'last.yaml:1: host: bad YAML: an alias (*name) has no anchor before it',
    ],
    ['an alias to itself', 'log: &log\n  level: *log', /^last\.yaml:2: log\.level: /],
    ['a list at the top', '- port: 1', 'last.yaml:1: expected `key: value` lines'],
    ['text at the top', 'port', 'last.yaml:1: expected `key: value` lines'],
    ['UTF-16', '\uFFFD\uFFFDp\0o\0r\0t\0:\0 \u00001\0', 'last.yaml:1: this is UTF-16. Save it as UTF-8'],
  ])('%s', async (_name, file, expected) => {
    const { message } = await failure({ file })
    if (typeof expected === 'string') expect(message).toBe(expected)
    else expect(message).toMatch(expected)
  })
})

describe('all problems', () => {
  it('are told at once, by file and line', async () => {
    const { message, problems } = await failure({
      home: 'hots: a',
      folder: 'log: {level: 3}\nport: x\nproviders: {claud: {}}\nhost: ${NOT_SET}',
      env: { BYOK_SERVER__KEYZ: 'a' },
      flags: { db: 3 },
      options: { usage: 3 },
    })
    const lines = message.split('\n')
    expect(lines[0]).toBe('8 problems in the config:')
    expect(
      problems.map(({ source, line, key }) => `${source.replace(/.*\//, '')} ${line ?? '-'} ${key}`).sort(),
    ).toEqual(
      [
        'BYOK_SERVER__KEYZ - server.keyz',
        'createByok options - usage',
        '--db - db',
        'config.yaml 1 hots',
        'byok.config.yaml 1 log.level',
        'byok.config.yaml 2 port',
        'byok.config.yaml 3 providers.claud',
        'byok.config.yaml 4 host',
      ].sort(),
    )
    expect(problems.find(({ key }) => key === 'hots')).toMatchObject({ nearest: 'host', column: 1 })
  })

  it('of every broken file are told together', async () => {
    const { message } = await failure({ home: 'a: [', folder: 'b: {', file: 'port: ${NOT_SET}' })
    expect(message).toMatch(/~\/\.byok\/config\.yaml:\d+: bad YAML/)
    expect(message).toMatch(/byok\.config\.yaml:\d+: bad YAML/)
    expect(message).toContain('NOT_SET is not set')
  })

  it('of options name these, and what would reach a prototype is refused', async () => {
    const options = JSON.parse('{"prot": 1, "providers": {"claude": {"__proto__": {"enabled": false}}}}') as object
    const { message } = await failure({ options })
    expect(message).toContain('createByok options: prot: unknown key. Did you mean "port"?')
    expect(message).toContain('createByok options: providers.claude.__proto__: is not allowed as a name')
    expect(({} as { enabled?: unknown }).enabled).toBeUndefined()
  })

  it.each([
    ['a function', () => 'sk-1', 'a function'],
    ['a promise', Promise.resolve('sk-1'), 'a promise'],
    ['a date', new Date(0), 'an object'],
  ])('of %s where text is wanted are told once', async (_, given, said) => {
    const { message } = await failure({ options: { providers: { claude: { api_key: given } } } })
    expect(message).toBe(`createByok options: providers.claude.api_key: expected text, got ${said}`)
  })

  it('of options that hold themselves end', async () => {
    const options: Record<string, unknown> = {}
    options['log'] = options
    expect((await failure({ options })).message).toContain('is nested too deep')
  })

  it('of a few aliases that would make a million nodes end', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
    for (const [name, below] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf'].map((pair) => [pair[0], pair[1]])) {
      bomb.push(`${name}: &${name} [${Array(10).fill(`*${below}`).join(',')}]`)
    }
    expect((await failure({ file: bomb.join('\n') })).message).toMatch(/is too large/)
  })
})

describe('a secret', () => {
  const secret = 'sk-ant-very-secret-0123456789'

  it.each([
    ['where a key is wrong', `providers: {claude: {api_key: "${secret} x"}}`],
    ['where settings belong', `providers: {claude: ${secret}}`],
    ['in a wrong proxy', `providers: {claude: {proxy: "ftp://u:${secret}@h"}}`],
    ['in a URL', `providers: {claude: {base_url: "https://u:${secret}@h"}}`],
    ['in a header', `providers: {claude: {headers: {authorization: "${secret}\\n"}}}`],
    ['as a port', `port: ${secret}`],
    ['as a choice', `log: {level: ${secret}}`],
    ['under an unknown key', `providers: {claude: {apikey: ${secret}}}`],
    ['as a model of an alias', `models: {a: "${secret}"}`],
    ['in a broken reference', `host: "\${${secret}}"`],
    ['in bad YAML', `providers: {claude: {api_key: "\\q${secret}"}}`],
    ['after an alias', `host: *${secret}`],
    ['as a tag', `host: !${secret} x`],
    ['out of place', `host: "a" ${secret}`],
    ['in an open quote', `host: "${secret}`],
    ['as a plain line', `port: 1\n${secret}\nhost: a`],
  ])('is not quoted %s', async (_name, file) => {
    const { message } = await failure({ file })
    expect(message).not.toContain(secret)
  })

  it('is not quoted from the environment', async () => {
    const { message } = await failure({ env: { ANTHROPIC_API_KEY: `${secret} x`, BYOK_PORT: secret } })
    expect(message).not.toContain(secret)
    expect(message).toContain('ANTHROPIC_API_KEY: providers.claude.api_key: must be plain ASCII')
    expect(message).toContain('BYOK_PORT: port: expected a number, got text')
  })
})
