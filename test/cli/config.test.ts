import { mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { line, ownHome } from './login-support.ts'

const SECRETS = ['sk-secret-1', 'sk-secret-2', 'hunter2', 'pw-in-db']

describe('byok config', () => {
  it('shows what counts and where it is from, without a secret', async () => {
    const run = await line(
      ['config', 'show', '--json'],
      {
        config: [
          'port: 9000',
          'db: postgres://me:pw-in-db@db.example/byok',
          'server: { keys: [sk-secret-1] }',
          'providers:',
          '  claude:',
          '    headers: { x-proxy-auth: hunter2 }',
          '    oauth: { token_url: https://auth.example/token }',
        ].join('\n'),
        env: { OPENAI_API_KEY: 'sk-secret-2', BYOK_HOST: 'localhost' },
      },
      SECRETS,
    )
    expect(await run.exited).toBe(0)
    const settings = JSON.parse(run.stdout()) as { key: string; value: unknown; source: string }[]
    const file = (line: number) => `${run.configFile}:${line}`
    expect(settings).toEqual(
      expect.arrayContaining([
        { key: 'port', value: 9000, source: file(1) },
        { key: 'host', value: 'localhost', source: 'BYOK_HOST' },
        { key: 'db', value: 'postgres://me:[secret]@db.example/byok', source: file(2) },
        { key: 'server.keys[0].key', value: '[secret]', source: file(3) },
        { key: 'providers.claude.headers.x-proxy-auth', value: '[secret]', source: file(6) },
        { key: 'providers.claude.oauth.token_url', value: 'https://auth.example/token', source: file(7) },
        { key: 'providers.codex.api_key', value: '[secret]', source: 'OPENAI_API_KEY' },
      ]),
    )
    expect(settings.every(({ source }) => source !== 'default')).toBe(true)
    expect(settings.filter(({ key }) => key.startsWith('log.'))).toEqual([])
  })

  it.each([
    ['a /', 'pa/pw-in-db'],
    ['a / after digits', '12/pw-in-db'],
    ['a ?', 'pa?pw-in-db'],
    ['a #', '12#pw-in-db'],
    ['a stray %', 'pa%pw-in-db'],
    ['an @', 'pa@pw-in-db'],
  ])('never shows the password of a database that has %s in it', async (_, password) => {
    const env = { BYOK_DB: `postgres://me:${password}@127.0.0.1:9/byok` }
    const shown = await line(['config', 'show', 'db'], { env }, SECRETS)
    expect(await shown.exited).toBe(0)
    expect(shown.stdout()).toContain('db: postgres://me:[secret]@127.0.0.1:9/byok')
    for (const [command, code] of [['config validate', 2] as const, ['status', 2] as const, ['doctor', 1] as const]) {
      const run = await line(command.split(' '), { env }, SECRETS)
      expect(await run.exited).toBe(code)
      expect(run.stdout() + run.stderr()).toMatch(/%-encoded|Take the password out/)
      expect(run.stdout() + run.stderr()).not.toContain('pw-in-db')
    }
  })

  it('shows one part as lines, its defaults too', async () => {
    const run = await line(['config', 'show', 'log'], { config: { log: { level: 'warn' } } })
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toMatch(/^log\.level: warn +# \S+test\.yaml:2\nlog\.format: auto +# default\n$/)
    const wrong = await line(['config', 'show', 'lgo'], { config: {} })
    expect(await wrong.exited).toBe(2)
  })

  it('says whether it is valid', async () => {
    const good = await line(['config', 'validate'], { config: { port: 1 } })
    expect(await good.exited).toBe(0)
    expect(good.stdout()).toContain('The config is valid.')
    const bad = await line(['config', 'validate', '--json'], { config: 'prot: 1\n' })
    expect(await bad.exited).toBe(2)
    expect(JSON.parse(bad.stdout())).toMatchObject({
      valid: false,
      problems: [{ key: 'prot', line: 1, nearest: 'port' }],
    })
    // Its own switches, which are settings too, hide nothing of the file's.
    const log = await line(['config', 'validate', '--json', '--quiet'], { config: 'log: { level: loud }\n' })
    expect(await log.exited).toBe(2)
    expect(JSON.parse(log.stdout())).toMatchObject({ valid: false, problems: [{ key: 'log.level', line: 1 }] })
    const plain = await line(['config', 'validate'], { config: 'prot: 1\n' })
    expect(await plain.exited).toBe(2)
    expect(plain.stderr()).toMatch(/test\.yaml:1: prot/)
  })

  it.each([
    ['db', 'postgres://me:pw-in-db@127.0.0.1:9/byok', 'PGPASSWORD'],
    ['db', 'mysql://127.0.0.1/byok', 'mysql://'],
    ['cache', 'redis://:pw-in-db@127.0.0.1:9', 'REDIS_PASSWORD'],
  ])('names file and line of a place that cannot be: %s: %s', async (key, place, said) => {
    const config = `port: 0\n${key}: ${place}\n`
    const validated = await line(['config', 'validate', '--json'], { config }, SECRETS)
    expect(await validated.exited).toBe(2)
    expect(JSON.parse(validated.stdout())).toMatchObject({
      valid: false,
      problems: [
        {
          source: expect.stringMatching(/test\.yaml$/) as string,
          line: 2,
          key,
          message: expect.stringContaining(said) as string,
        },
      ],
    })
    for (const command of ['status', 'serve']) {
      const run = await line([command], { config }, SECRETS)
      expect(await run.exited).toBe(2)
      expect(run.stderr()).toMatch(new RegExp(`test\\.yaml:2: ${key}: .*${said}`))
    }
  })

  it('does not call a login unknown where it has not looked for any', async () => {
    const config = { providers: { claude: { logins: { 'me@x.org': { weight: 2 } } } } }
    for (const command of [
      ['config', 'validate'],
      ['config', 'show'],
      ['config', 'keys'],
      ['config', 'schema'],
    ]) {
      const run = await line(command, { config })
      expect(await run.exited).toBe(0)
      expect(run.stdout() + run.stderr()).not.toContain('is no login')
    }
    const logs = await line(['logs'], { config: { ...config, log: { file: '/nowhere/byok.log' } } })
    expect([await logs.exited, logs.stderr()]).toEqual([0, ''])
  })

  it('begins a file that is valid and only its owner can read, and never replaces one unasked', async () => {
    const home = ownHome(await mkdtemp(join(tmpdir(), 'byok-config-')))
    const file = join(home, '.byok', 'config.yaml')
    expect(await (await line(['config', 'init'], { home })).exited).toBe(0)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const again = await line(['config', 'init'], { home })
    expect(await again.exited).toBe(2)
    expect(again.stderr()).toContain('--force')
    const paths = await line(['config', 'path', '--json'], { home })
    expect(await paths.exited).toBe(0)
    expect(JSON.parse(paths.stdout())).toEqual([
      { path: file, exists: true },
      { path: expect.stringMatching(/byok\.config\.yaml$/), exists: false },
    ])
    const valid = await line(['config', 'validate'], { home })
    expect(await valid.exited).toBe(0)
    // What it proposes is valid too.
    const text = (await readFile(file, 'utf8')).replaceAll(/^# (?=[a-z ]+:|  )/gm, '')
    const proposed = await line(['config', 'validate'], {
      config: text.replace('Names of your own, in the order they are tried:', '').replace(/^Which account.*$/m, ''),
      env: { ANTHROPIC_API_KEY: 'a', OPENROUTER_API_KEY: 'b' },
    })
    expect(proposed.stderr() + String(await proposed.exited)).toBe('0')
  })
})
