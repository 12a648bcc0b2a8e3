import { chmod, lstat, mkdtemp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { parse } from 'yaml'
import { mergeToml } from '../../src/core/setup/edit-toml.ts'
import { mergeEnv, mergeYaml, putYamlEntry } from '../../src/core/setup/edit.ts'
import { takeOutJson } from '../../src/core/setup/take-out.ts'
import { mergeJson } from '../../src/core/setup/edit-json.ts'
import { keepAside, putBack, readText, writeKeeping } from '../../src/cli/setup/files.ts'
import { tools } from '../../src/core/setup/tools.ts'
import { commandLine } from '../helpers/command-line.ts'
import { runCli } from '../helpers/serve.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'

vi.setConfig({ testTimeout: 90_000 })

const facts = { origin: 'http://localhost:8018', key: 'byok-local', model: 'gpt-5', modelGiven: true }
let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'byok-setup-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

describe('edits', () => {
  it('merge JSON and keep the rest, comments too', () => {
    const text = mergeJson('{"a":{"x":1},"b":[1]}', { a: { y: 2 }, c: 3 })
    expect(JSON.parse(text)).toEqual({ a: { x: 1, y: 2 }, b: [1], c: 3 })
    expect(
      mergeJson('{\n\t// mine\n\t"a": {\n\t\t// one\n\t\t"x": 1,\n\t},\n\t"b": 2,\n}\n', { a: { x: 3, y: 4 }, b: 2 }),
    ).toBe('{\n\t// mine\n\t"a": {\n\t\t// one\n\t\t"x": 3,\n\t\t"y": 4,\n\t},\n\t"b": 2,\n}\n')
    expect(mergeJson('{ // mine\n}', { a: 1 })).toContain('// mine')
    expect(() => mergeJson('{ "a": }', {})).toThrow(/no valid JSON/)
    expect(() => mergeJson('[]', {})).toThrow(/object/)
  })

  it('keep the byte order mark of JSON', () => {
    const marked = mergeJson('\uFEFF{ "a": 1 }', { b: 2 })
    expect(marked).toBe('\uFEFF{\n  "a": 1,\n  "b": 2\n}')
    expect(mergeJson('\uFEFF{}\n', { b: 2 })).toBe('\uFEFF{\n  "b": 2\n}\n')
    expect(takeOutJson(marked, marked, '\uFEFF{ "a": 1 }')).toBe('\uFEFF{\n  "a": 1\n}')
  })

  it('leave JSON alone that has what they would change twice, of which tools read the last', () => {
    for (const text of ['{"a":1,"a":2}', '{"a":{},"a":{"x":1}}']) {
      expect(() => mergeJson(text, { a: { x: 3 } })).toThrow(/twice/)
    }
    expect(mergeJson('{"other":1,"other":2}', { a: 3 })).toMatch(/"other": 1,\s+"other": 2,\s+"a": 3/)
    expect(mergeJson('{"a":1,"a":2}', { a: 2 })).toBe('{"a":1,"a":2}')
  })

  it('set TOML keys before the first table, and one table', () => {
    const before =
      'model = "old"\n# mine\n[tui]\nmodel = "not this"\n\n[model_providers.byok]\nname = "old"\n\n[z]\na = 1\n'
    const text = mergeToml(before, { model: 'gpt-5', model_provider: 'byok' }, 'model_providers.byok', { name: 'byok' })
    expect(text).toBe(
      'model_provider = "byok"\n\nmodel = "gpt-5"\n# mine\n[tui]\nmodel = "not this"\n\n[model_providers.byok]\nname = "byok"\n\n[z]\na = 1\n',
    )
    expect(mergeToml('', { a: 'b' }, 't', { c: 'd' })).toBe('a = "b"\n\n[t]\nc = "d"\n')
  })

  it('set YAML keys and entries, and keep comments', () => {
    expect(mergeYaml('# mine\na: 1\n', { b: 2, a: 3 })).toBe('# mine\na: 3\nb: 2\n')
    const once = putYamlEntry('# mine\nmodels:\n  - name: other\n', 'models', { name: 'byok', a: 1 }, { version: '1' })
    const twice = putYamlEntry(once, 'models', { name: 'byok', a: 2 }, { version: '2' })
    expect(twice).toContain('# mine')
    expect(parse(twice)).toEqual({ models: [{ name: 'other' }, { name: 'byok', a: 2 }], version: '1' })
  })

  it('leave long lines, ends of lines and the byte order mark of YAML as they are', () => {
    const long = `# mine\r\nrule: ${'always do this and never do that, '.repeat(5)}please\r\n`
    expect(mergeYaml(`\uFEFF${long}`, { a: 1 })).toBe(`\uFEFF${long}a: 1\r\n`)
    expect(putYamlEntry(`${long}models:\r\n  - name: other\r\n`, 'models', { name: 'byok' }, {})).toBe(
      `${long}models:\r\n  - name: other\r\n  - name: byok\r\n`,
    )
  })

  it('make no long line of YAML that is wrapped', () => {
    const wrapped = `rule: >\n${'  always do this and never do that, and once more: always do this'.concat('\n').repeat(9)}`
    const lines = mergeYaml(wrapped, { a: 1 }).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
    const long = `other: ${'as long as it is, '.repeat(6)}and so on\n`
    expect(mergeYaml(wrapped + long, { a: 1 })).toContain(long)
  })

  it('leave YAML alone that names what it has not', () => {
    expect(() => mergeYaml('a: *nothing\n', { b: 1 })).toThrow('it has no `&nothing` before `*nothing`')
  })

  it('indent JSON of one line alike at every depth', () => {
    expect(mergeJson('{"a":1}', { a: { y: 2 }, b: { z: 3 } })).toBe(
      '{"a":{\n    "y": 2\n  },\n  "b": {\n    "z": 3\n  }\n}',
    )
  })

  it('set variables', () => {
    expect(mergeEnv('A=1\nexport B=2\n', { B: '3', C: '4' })).toBe('A=1\nB="3"\nC="4"\n')
    // Who reads it takes the last.
    expect(mergeEnv('A=1\nA=2\n', { A: '3' })).toBe('A=1\nA="3"\n')
    expect(mergeEnv('A=1\r\nB=2', { A: '3', C: '4' })).toBe('A="3"\r\nB=2\r\nC="4"\r\n')
    expect(mergeEnv('', { A: '3' })).toBe('A="3"\n')
  })

  it.each(tools.flatMap(({ name, files }) => files.map((file) => [name, file.path, file] as const)))(
    'of %s in ~/%s are the same a second time',
    (_name, _path, { edit }) => {
      const once = edit('', facts)
      expect(edit(once, facts)).toBe(once)
      expect(once.trim()).not.toBe('')
    },
  )
})

describe('files', () => {
  it('are kept as they were before the first write, and put back', async () => {
    const path = join(home, 'a', 'settings.json')
    await mkdir(dirname(path))
    await writeFile(path, 'mine', { mode: 0o640 })
    await writeKeeping(path, 'one')
    await writeKeeping(path, 'two')
    expect(await readFile(path, 'utf8')).toBe('two')
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    expect(await putBack(path)).toBe(true)
    expect(await readFile(path, 'utf8')).toBe('mine')
    expect(await putBack(path)).toBe(false)
  })

  it('that were not there are gone again, and are the owner’s alone until then', async () => {
    const path = join(home, 'b', 'settings.json')
    await writeKeeping(path, 'one')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await putBack(path)).toBe(true)
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('that are links stay links, to what is written and put back', async () => {
    const path = join(home, '.tool', 'settings.json')
    const real = join(home, 'dotfiles', 'settings.json')
    for (const file of [path, real]) await mkdir(dirname(file))
    await writeFile(real, 'mine')
    await symlink(join('..', 'dotfiles', 'settings.json'), path)
    await writeKeeping(path, 'one')
    expect([await readFile(real, 'utf8'), (await lstat(path)).isSymbolicLink()]).toEqual(['one', true])
    // A folder of dotfiles may be shared: nothing else is put there.
    expect(await readdir(dirname(real))).toEqual(['settings.json'])
    expect(await putBack(path)).toBe(true)
    expect([await readFile(real, 'utf8'), (await lstat(path)).isSymbolicLink()]).toEqual(['mine', true])
    expect(await readdir(dirname(path))).toEqual(['settings.json'])
  })

  it('that cannot be written have nothing to put back', async () => {
    const path = join(home, 'settings.json')
    // The text fits beside the link, but not where that leads.
    await symlink(join(home, 'x'.repeat(250)), path)
    await expect(writeKeeping(path, 'one')).rejects.toThrow('ENAMETOOLONG')
    expect(await readdir(home)).toEqual(['settings.json'])
    expect(await putBack(path)).toBe(false)
  })

  it('of which not all can be kept have nothing to put back either', async () => {
    // Its name fits with what is put behind it for the one that was there before, and not for the one that byok writes.
    const path = join(home, 'x'.repeat(240))
    await writeFile(path, 'mine')
    await expect(writeKeeping(path, 'byok')).rejects.toThrow('ENAMETOOLONG')
    expect([await readdir(home), await readFile(path, 'utf8')]).toEqual([['x'.repeat(240)], 'mine'])
  })

  it('that are folders are told as that', async () => {
    const path = join(home, 'settings.json')
    await mkdir(path)
    await expect(readText(path)).rejects.toThrow(`${path} is no file. Put what is there out of the way, and try again.`)
  })

  it('that are put aside leave those of an earlier time', async () => {
    const path = join(home, 'settings.yaml')
    for (const [text, name] of [
      ['mine', `${path}.before-undo`],
      ['mine again', `${path}.before-undo-2`],
    ] as const) {
      await writeKeeping(path, 'byok')
      await writeFile(path, text)
      expect(await keepAside(path)).toBe(name)
      expect(await putBack(path)).toBe(true)
      expect(await readFile(name, 'utf8')).toBe(text)
    }
    expect(await readFile(`${path}.before-undo`, 'utf8')).toBe('mine')
  })

  it('that are links to nothing yet stay links', async () => {
    const path = join(home, 'settings.json')
    const real = join(home, 'dotfiles', 'tool', 'settings.json')
    await symlink(real, path)
    await writeKeeping(path, 'one')
    expect([await readFile(real, 'utf8'), (await lstat(path)).isSymbolicLink()]).toEqual(['one', true])
    expect(await putBack(path)).toBe(true)
    await expect(stat(real)).rejects.toThrow('ENOENT')
    expect((await lstat(path)).isSymbolicLink()).toBe(true)
  })
})

describe('byok setup', () => {
  const setup = async (args: string[], input?: string, config: object = { port: 9000 }) => {
    const { code, stdout, stderr } = await commandLine(['setup', ...args], {
      home,
      config,
      ...(input !== undefined && { stdin: input }),
    })
    return { code, out: stdout, err: stderr }
  }

  it('prints, asks, writes and puts back', async () => {
    const path = join(home, '.claude', 'settings.json')
    const shown = await setup(['claude-code'])
    expect(shown.code).toBe(0)
    expect(shown.out).toContain('"ANTHROPIC_BASE_URL": "http://localhost:9000"')
    await mkdir(dirname(path))
    await writeFile(path, '{"theme":"dark"}')

    const refused = await setup(['claude-code', '--write'], 'n\n')
    expect([refused.code, refused.out]).toEqual([130, expect.stringContaining('Nothing was written')])
    const unanswered = await setup(['claude-code', '--write'], '')
    expect([unanswered.code, unanswered.err]).toEqual([2, expect.stringContaining('give --yes')])
    expect(await readFile(path, 'utf8')).toBe('{"theme":"dark"}')
    const run = await runCli(['setup', 'claude-code', '--write'], { home, config: { port: 9000 }, stdin: true })
    // The pipe stays open: a line is an answer.
    run.write('y\n')
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toContain('Done.')
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
      theme: 'dark',
      env: { ANTHROPIC_BASE_URL: 'http://localhost:9000', ANTHROPIC_AUTH_TOKEN: 'byok-local' },
    })
    expect((await setup(['claude-code', '--undo'])).code).toBe(0)
    expect(await readFile(path, 'utf8')).toBe('{"theme":"dark"}')
    expect((await setup(['claude-code', '--undo'])).code).toBe(2)
  })

  it('writes a key of byok’s, but does not print it', async () => {
    const config = { server: { keys: ['secret-of-byok'] }, models: { best: 'codex/gpt-5' } }
    const shown = await setup(['codex'], undefined, config)
    expect(shown.out).not.toContain('secret-of-byok')
    expect(shown.out).toContain('model = "best"')
    const { out } = await setup(['codex', '--write', '--yes'], undefined, config)
    expect(out).not.toContain('secret-of-byok')
    expect((await setup(['zed', '--write', '--yes'], undefined, config)).out).not.toContain('secret-of-byok')
    const written = await readFile(join(home, '.codex', 'config.toml'), 'utf8')
    expect(written).toContain('experimental_bearer_token = "secret-of-byok"')
    expect(written).toContain('[model_providers.byok]')
  })

  it('leaves a file that it writes a key into to its owner alone, and what it keeps of it', async () => {
    const path = join(home, '.claude', 'settings.json')
    await mkdir(dirname(path))
    await writeFile(path, '{}', { mode: 0o644 })
    const modes = async (...paths: string[]) =>
      await Promise.all(paths.map(async (one) => ((await stat(one)).mode & 0o777).toString(8)))
    const write = async (config: object) => {
      expect((await setup(['claude-code', '--write', '--yes'], undefined, config)).code).toBe(0)
      return await modes(path, `${path}.before-byok`)
    }
    expect(await write({ port: 9000 })).toEqual(['644', '644'])
    const config = { server: { keys: ['secret-of-byok'] } }
    expect(await write(config)).toEqual(['600', '600'])
    await chmod(path, 0o644)
    // Even where there is nothing to write.
    expect(await write(config)).toEqual(['600', '600'])
    expect((await setup(['claude-code', '--undo'])).code).toBe(0)
    expect([await readFile(path, 'utf8'), await modes(path)]).toEqual(['{}', ['600']])
  })

  it('takes out what it wrote, and keeps what was written since', async () => {
    const write = async (path: string, text: string) => {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
    }
    const path = join(home, '.claude', 'settings.json')
    await write(path, '{"model":"opus"}')
    expect((await setup(['claude-code', '--write', '--yes'])).code).toBe(0)
    const written: object = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...written, permissions: { allow: ['Bash(npm test)'] } }))
    // Nor is it lost where byok writes once more.
    expect((await setup(['claude-code', '--write', '--yes'], undefined, { port: 9001 })).code).toBe(0)
    expect((await setup(['claude-code', '--undo'])).code).toBe(0)
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      model: 'opus',
      permissions: { allow: ['Bash(npm test)'] },
    })
    expect(await readdir(dirname(path))).toEqual(['settings.json'])

    const codex = join(home, '.codex', 'config.toml')
    expect((await setup(['codex', '--write', '--yes'])).code).toBe(0)
    const trusted = '[projects."/work"]\ntrust_level = "trusted"\n'
    await writeFile(codex, `${await readFile(codex, 'utf8')}\n${trusted}`)
    expect((await setup(['codex', '--undo'])).code).toBe(0)
    expect(await readFile(codex, 'utf8')).toBe(trusted)
  })

  it('writes where the environment says that the tool looks', async () => {
    const at = (...parts: string[]) => join(home, 'elsewhere', ...parts)
    const env = {
      CLAUDE_CONFIG_DIR: at('claude'),
      CODEX_HOME: at('codex'),
      CONTINUE_GLOBAL_DIR: at('continue'),
      GEMINI_CLI_HOME: at('gemini'),
      PI_CODING_AGENT_DIR: at('pi'),
      QWEN_HOME: at('qwen'),
      XDG_CONFIG_HOME: at('xdg'),
    }
    const run = async (...args: string[]): Promise<object> => {
      const { code, stdout } = await commandLine(['setup', ...args, '--json'], { home, env, config: { port: 9000 } })
      expect(code).toBe(0)
      return JSON.parse(stdout)
    }
    for (const [tool, paths] of Object.entries({
      'claude-code': [at('claude', 'settings.json')],
      codex: [at('codex', 'config.toml')],
      continue: [at('continue', 'config.yaml')],
      'gemini-cli': [at('gemini', '.gemini', '.env'), at('gemini', '.gemini', 'settings.json')],
      'qwen-code': [at('qwen', 'settings.json')],
      amp: [at('xdg', 'amp', 'settings.json')],
      opencode: [at('xdg', 'opencode', 'opencode.json')],
      kilo: [at('xdg', 'kilo', 'kilo.json')],
      droid: [join(home, '.factory', 'settings.json')],
      pi: [at('pi', 'models.json'), at('pi', 'settings.json')],
      aider: [join(home, '.aider.conf.yml')],
    })) {
      expect(await run(tool, '--write', '--yes')).toMatchObject({ written: paths })
      expect(await run(tool, '--undo')).toMatchObject({ restored: paths })
    }
    const { stdout } = await commandLine(['setup', 'amp'], { home, env: { XDG_CONFIG_HOME: '/etc/xdg' } })
    expect(stdout).toContain('# /etc/xdg/amp/settings.json\n')
  })

  it('has Claude Code ask for the model that was named, and for no earlier one', async () => {
    const path = join(home, '.claude', 'settings.json')
    const written = async (...args: string[]): Promise<unknown> => {
      expect((await setup(['claude-code', '--write', '--yes', ...args])).code).toBe(0)
      const { env }: { env: object } = JSON.parse(await readFile(path, 'utf8'))
      return Object.fromEntries(Object.entries(env).filter(([name]) => name.endsWith('_MODEL')))
    }
    const model = 'codex/gpt-5.2'
    const everyOf = (names: string[]) => Object.fromEntries(names.map((name) => [`ANTHROPIC_${name}MODEL`, model]))
    const foreign = everyOf(['', 'DEFAULT_OPUS_', 'DEFAULT_SONNET_', 'DEFAULT_HAIKU_', 'DEFAULT_FABLE_'])
    expect(await written('--model', model)).toEqual(foreign)
    expect(await written('--model', 'claude-haiku-4-5')).toEqual({ ANTHROPIC_MODEL: 'claude-haiku-4-5' })
    expect(await written('--model', 'claude/claude-opus-4-5')).toEqual({ ANTHROPIC_MODEL: 'claude/claude-opus-4-5' })
    expect(await written('--model', model)).toEqual(foreign)
    expect((await setup(['claude-code', '--undo'])).code).toBe(0)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, JSON.stringify({ env: { ANTHROPIC_MODEL: 'opus' } }))
    expect(await written('--model', model)).toEqual(foreign)
    const config = { providers: { claude: { api_key: 'sk-ant-1' } } }
    expect((await setup(['claude-code', '--write', '--yes'], undefined, config)).code).toBe(0)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ env: { ANTHROPIC_MODEL: 'opus' } })
    expect(await readFile(path, 'utf8')).not.toContain('DEFAULT')
  })

  it('has Claude Code look for its tools when it needs them, where Anthropic answers', async () => {
    const searches = async (model: string, claude: object): Promise<boolean> => {
      const args = ['claude-code', '--model', model]
      const { code, out } = await setup(args, undefined, { providers: { claude } })
      expect(code).toBe(0)
      return out.includes('"ENABLE_TOOL_SEARCH": "true"')
    }
    const key = { api_key: 'sk-ant-1' }
    expect(await searches('claude/claude-opus-5-5', key)).toBe(true)
    expect(await searches('claude/claude-opus-5-5', { ...key, base_url: 'https://gateway.test' })).toBe(false)
    expect(await searches('copilot/claude-sonnet-4.6', key)).toBe(false)
    expect(await searches('codex/gpt-5.2', key)).toBe(false)
  })

  it('tells a tool what byok knows of the model, and of another model that one’s', async () => {
    const path = join(home, '.codex', 'config.toml')
    const windowOf = async (model: string): Promise<string | undefined> => {
      expect((await setup(['codex', '--write', '--yes', '--model', model])).code).toBe(0)
      return /^model_context_window = (\d+)$/m.exec(await readFile(path, 'utf8'))?.[1]
    }
    expect(await windowOf('kimi-k2.6')).toBe('262144')
    expect(await windowOf('kimi/kimi-k3')).toBe('1048576')
    expect(await windowOf('codex/gpt-6-sol')).toBeUndefined()
    expect(await windowOf('no-such-model')).toBeUndefined()
  })

  it('keeps a file beside itself where it cannot tell what is byok’s', async () => {
    const path = join(home, '.aider.conf.yml')
    await writeFile(path, 'a: 1\n')
    expect((await setup(['aider', '--write', '--yes'])).code).toBe(0)
    const now = `${await readFile(path, 'utf8')}b: 2\n`
    await writeFile(path, now)
    expect((await setup(['aider', '--write', '--yes'], undefined, { port: 9001 })).code).toBe(0)
    const undone = await setup(['aider', '--undo'])
    expect([undone.code, undone.out]).toEqual([0, expect.stringContaining(`is kept in\n  ${path}.before-undo\n`)])
    expect(await readFile(path, 'utf8')).toBe('a: 1\n')
    expect(await readFile(`${path}.before-undo`, 'utf8')).toBe(now.replace('9000', '9001'))
  })

  it('names the address as it is served: its scheme and its host', async () => {
    const tls = { port: 9000, server: { tls: true } }
    expect((await setup(['claude-code'], undefined, tls)).out).toContain('"https://localhost:9000"')
    expect((await setup(['open-webui'], undefined, tls)).out).toContain('=https://host.docker.internal:9000/v1')
    const { stdout } = await commandLine(['env'], { home, config: tls })
    expect(stdout).toContain('https://localhost:9000/v1')
    const here = { port: 9000, host: '10.0.0.7', server: { keys: ['secret-of-byok'] } }
    expect((await setup(['claude-code'], undefined, here)).out).toContain('"http://10.0.0.7:9000"')
  })

  it('wants to be told where byok is, where it takes another port at each start', async () => {
    for (const command of [['setup', 'codex', '--write', '--yes'], ['setup', 'aider'], ['env']]) {
      const { code, stderr } = await commandLine(command, { home, config: { port: 0 } })
      expect([code, stderr]).toEqual([
        2,
        'byok: config has byok take any free port (port: 0): give --url, or set `port`.\n',
      ])
    }
    await expect(stat(join(home, '.codex'))).rejects.toThrow('ENOENT')
    const known = await commandLine(['env', '--url', 'http://localhost:9000'], { home, config: { port: 0 } })
    expect([known.code, known.stdout]).toEqual([0, expect.stringContaining('http://localhost:9000/v1')])
  })

  it('takes no address that its tool could not use', async () => {
    for (const url of ['192.168.1.5:8018', 'localhost:8018', 'http://box:8018/?a=1'])
      for (const command of [['setup', 'open-webui'], ['setup', 'codex', '--write', '--yes'], ['env']]) {
        const { code, stderr } = await commandLine([...command, '--url', url], { home })
        expect([code, stderr]).toEqual([
          2,
          `byok: --url takes an address such as http://localhost:8018, not "${url}".\n`,
        ])
      }
    await expect(stat(join(home, '.codex'))).rejects.toThrow('ENOENT')
    expect((await setup(['codex', '--url', 'https://box/byok/v1/'])).out).toContain('base_url = "https://box/byok/v1"')
  })

  it('says that there is no model yet for a tool that asks for one', async () => {
    const words = 'No model can be used yet, so MODEL stands where one belongs.'
    expect((await setup(['codex'])).out).toContain(words)
    expect((await setup(['codex', '--write', '--yes'])).out).toContain(`${words} Run \`byok login\``)
    expect((await setup(['amp', '--write', '--yes'])).out).not.toContain(words)
    const config = { providers: { codex: { api_key: 'sk-1' } } }
    expect((await setup(['codex', '--write', '--yes'], undefined, config)).out).not.toContain(words)
    expect(await readFile(join(home, '.codex', 'config.toml'), 'utf8')).not.toContain('"MODEL"')
  })

  it('has Qwen Code ask for its model first, keeps the models that are there, and takes out its own alone', async () => {
    const path = join(home, '.qwen', 'settings.json')
    const read = async (): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    const other = { id: 'gpt-4o', envKey: 'OPENAI_API_KEY', baseUrl: 'https://elsewhere.test/v1' }
    const before = { modelProviders: { openai: [other], gemini: [{ id: 'g' }] }, env: { OPENAI_API_KEY: 'sk-1' } }
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, JSON.stringify(before))
    const write = (model: string) => setup(['qwen-code', '--write', '--yes', '--model', model])
    expect((await write('codex/gpt-5.2')).code).toBe(0)
    // Whoever asks for another model has that one alone of byok's.
    expect((await write('claude/claude-haiku-4-5')).code).toBe(0)
    const written = await read()
    expect(written).toMatchObject({
      modelProviders: {
        openai: [
          {
            id: 'claude/claude-haiku-4-5',
            baseUrl: 'http://localhost:9000/v1',
            envKey: 'BYOK_API_KEY',
            generationConfig: { contextWindowSize: 200_000, modalities: { image: true } },
          },
          other,
        ],
        gemini: [{ id: 'g' }],
      },
      env: { OPENAI_API_KEY: 'sk-1', BYOK_API_KEY: expect.any(String) as string },
      security: { auth: { selectedType: 'openai' } },
      model: { name: 'claude/claude-haiku-4-5' },
    })
    const later = { id: 'later', envKey: 'OPENAI_API_KEY' }
    const { openai } = written['modelProviders'] as { openai: object[] }
    await writeFile(
      path,
      JSON.stringify({ ...written, modelProviders: { openai: [...openai, later], gemini: [{ id: 'g' }] } }),
    )
    expect((await setup(['qwen-code', '--undo'])).code).toBe(0)
    expect(await read()).toEqual({ ...before, modelProviders: { ...before.modelProviders, openai: [other, later] } })
  })

  it('has Gemini CLI ask the model for all that it asks Google’s own models for, where Google does not answer', async () => {
    const path = join(home, '.gemini', 'settings.json')
    await mkdir(dirname(path), { recursive: true })
    const own = { modelConfigs: { customAliases: { mine: { modelConfig: { model: 'gemini-2.5-pro' } } } } }
    await writeFile(path, JSON.stringify(own))
    const config = {
      providers: {
        codex: { api_key: 'sk-1', models: [{ id: 'large', context_window: 200_000 }] },
        gemini: { api_key: 'AIza-1' },
      },
    }
    const settingsWith = async (model: string): Promise<object> => {
      expect((await setup(['gemini-cli', '--write', '--yes', '--model', model], undefined, config)).code).toBe(0)
      return JSON.parse(await readFile(path, 'utf8')) as object
    }
    const model = 'codex/large'
    expect(await settingsWith(model)).toMatchObject({
      modelConfigs: {
        customAliases: {
          ...own.modelConfigs.customAliases,
          'gemini-3-flash-base': { extends: 'base', modelConfig: { model } },
          'summarizer-shell': { modelConfig: { model, generateContentConfig: { maxOutputTokens: 2000 } } },
        },
      },
      agents: { overrides: { codebase_investigator: { modelConfig: { model } } } },
      // Half of its window, of the million tokens that Gemini CLI takes it for.
      model: { compressionThreshold: 0.095 },
    })
    const security = { auth: { selectedType: 'gemini-api-key' } }
    expect(await settingsWith('gemini/gemini-2.5-pro')).toEqual({ ...own, security })
  })

  it('says of a model that nobody offers what may have been meant, and sets it all the same', async () => {
    const upstream = await startOpenAIChat({ models: ['listed-model'] })
    onTestFinished(() => upstream.close())
    const here = { type: 'openai-compatible', api_key: 'sk-test', base_url: upstream.url, models: ['large-model'] }
    const config = { providers: { here } }
    const words = 'The model "large-modle" does not exist or no provider offers it. Did you mean large-model?'
    const asked = ['codex', '--model', 'large-modle']
    for (const more of [[], ['--write', '--yes']]) {
      expect((await setup([...asked, ...more], undefined, config)).out).toContain(words)
    }
    expect(await readFile(join(home, '.codex', 'config.toml'), 'utf8')).toContain('model = "large-modle"')
    expect((await setup(['amp', '--model', 'large-modle'], undefined, config)).out).not.toContain('exist')
    expect((await setup([...asked, '--url', 'http://box:8018'], undefined, config)).out).not.toContain('exist')
    for (const known of ['large-model', 'listed-model']) {
      expect((await setup(['codex', '--model', known], undefined, config)).out).not.toContain('exist')
    }
  })

  it('keeps comments, leaves a file alone that is no JSON, and names the nearest tool', async () => {
    const path = join(home, '.config', 'zed', 'settings.json')
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, '// mine\n{}')
    expect((await setup(['zed', '--write', '--yes'])).code).toBe(0)
    expect(await readFile(path, 'utf8')).toMatch(/^\/\/ mine\n\{[^]*localhost/)
    await writeFile(path, '{ no JSON }')
    const refused = await setup(['zed', '--write', '--yes'])
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('is left alone')])
    expect(await readFile(path, 'utf8')).toBe('{ no JSON }')
    expect((await setup(['cluade-code'])).err).toContain('Did you mean claude-code?')
    expect((await setup(['foo'])).err).toMatch(/there is no tool "foo"\. There are claude-code, .*\.\n$/)
    expect((await setup(['cursor', '--write'])).code).toBe(2)
    expect((await setup(['cursor'])).out).toContain('Override OpenAI Base URL')
  })
})

describe('byok env', () => {
  it('prints what bash takes', async () => {
    const { code, stdout } = await commandLine(['env', '--shell', 'bash'], { home, config: { port: 9000 } })
    expect(code).toBe(0)
    const script = `${stdout}\necho "$OPENAI_BASE_URL $ANTHROPIC_BASE_URL $GOOGLE_GEMINI_BASE_URL"`
    const echoed = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim()
    expect(echoed).toBe('http://localhost:9000/v1 http://localhost:9000 http://localhost:9000')
  })

  it.each([
    ['fish', "set -gx OPENAI_BASE_URL 'http://localhost:8018/v1'"],
    ['powershell', "$env:OPENAI_BASE_URL = 'http://localhost:8018/v1'"],
  ])('speaks %s', async (shell, line) => {
    const { stdout } = await commandLine(['env', '--shell', shell], { home })
    expect(stdout.split('\n')).toContain(line)
  })
})
