import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandTree } from '../../src/cli/command-tree.ts'
import type { CommandNode } from '../../src/cli/command-tree.ts'
import { main } from '../../src/cli/commands.ts'
import { coloured } from '../../src/core/log/color.ts'
import { version } from '../../src/core/version.ts'
import { commandLine, makeHome } from '../helpers/command-line.ts'

describe('a command line that is wrong', () => {
  it.each([
    [['serv'], 'unknown command serv. Did you mean serve?'],
    [['nonsense'], 'unknown command nonsense. See byok --help.'],
    [['logout'], 'missing required positional argument: PROVIDER. See byok logout --help.'],
    [['service'], 'no command specified. See byok service --help.'],
    [['--nope'], 'unknown option --nope. See byok --help.'],
    [['service', '--nope=1'], 'unknown option --nope. See byok service --help.'],
    [['--verbose'], 'no command specified. See byok --help.'],
    [['service', 'instal'], 'unknown command instal. Did you mean install?'],
    [['service', 'nonsense'], 'unknown command nonsense. See byok service --help.'],
    [['config', 'shwo'], 'unknown command shwo. Did you mean show?'],
    [['key', 'creat'], 'unknown command creat. Did you mean create?'],
    [['help', 'serv'], 'unknown command serv. Did you mean serve?'],
    [['toString'], 'unknown command toString. See byok --help.'],
    [['--port', '3', 'serv'], 'unknown command 3. See byok --help.'],
    [['extra', 'serve'], 'unknown command extra. See byok --help.'],
    [['--port=3', 'extra', 'serve'], 'unknown command extra. See byok --help.'],
    [['--', 'serve'], 'no command specified. See byok --help.'],
    [['--label', 'x', 'key', '--bogus', 'y', 'list'], 'unknown option --label. See byok key list --help.'],
    [['key', 'create'], 'missing required positional argument: LABEL. See byok key create --help.'],
    [['key', 'list', '--bogus'], 'unknown option --bogus. See byok key list --help.'],
    [['env', 'extra'], 'unexpected argument "extra". See byok env --help.'],
    [['setup', 'claud'], 'there is no tool "claud". Did you mean claude-code?'],
    [['completions', 'zhs'], 'there is no completion for "zhs". Did you mean zsh?'],
    [['config', 'show', 'prot'], 'there is no setting "prot". Did you mean port?'],
    [['config', 'show', 'providers.cluade'], 'there is no setting "providers.cluade". Did you mean providers.claude?'],
    [['config', 'show', 'nonsense'], 'there is no setting "nonsense". `byok config keys` lists what there is.'],
    [['status', '--jsno'], 'unknown option --jsno. Did you mean --json?'],
    [['key', 'revoke', 'nobody'], expect.stringContaining('there is no key "nobody"')],
  ])('ends %j with 2, and a word on standard error alone', async (argv, message) => {
    const plain = await commandLine(argv)
    expect(plain).toMatchObject({ code: 2, stdout: '' })
    expect(plain.stderr).toMatch(/^byok: .*\n$/)
    expect(plain.stderr.slice('byok: '.length, -1)).toEqual(message)
    const json = await commandLine([...argv, '--json'])
    expect(json).toMatchObject({ code: 2, stdout: '' })
    expect(JSON.parse(json.stderr)).toEqual({ error: { type: 'usage', message } })
  })

  it.each([[['status', '--db']], [['status', '--db', '--verbose']], [['status', '--db', '']], [['status', '--db=']]])(
    'names the option whose value was forgotten: %j',
    async (argv) => {
      const { code, stderr } = await commandLine(argv)
      expect([code, stderr]).toEqual([2, 'byok: --db needs a PATH. See byok status --help.\n'])
    },
  )

  it("looks for no plugins where options stand before one of byok's own commands", async () => {
    const { code, stderr } = await commandLine(['-c', 'missing.yaml', 'status'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^byok: \S*missing\.yaml: there is no such config file\n$/),
    ])
  })

  it('of a setting that is there but not set says so', async () => {
    expect(await commandLine(['config', 'show', 'log.file'])).toMatchObject({
      code: 0,
      stdout: 'log.file is not set.\n',
    })
    expect(await commandLine(['config', 'show', 'log.file', '--json'])).toMatchObject({ code: 0, stdout: '[]\n' })
  })

  it('without a word in it shows what there is', async () => {
    const { code, stdout } = await commandLine([])
    expect(code).toBe(2)
    expect(stdout).toContain('serve')
  })
})

describe('a file that cannot be written', () => {
  it.each([
    [['config', 'init'], '.byok'],
    [['setup', 'claude-code', '--write', '--yes'], '.claude'],
    [['setup', 'opencode', '--write', '--yes'], '.config'],
    [['service', 'install'], process.platform === 'darwin' ? 'Library' : '.config'],
  ])('is named, and not taken for a fault of byok: %j', async (argv, name) => {
    const home = await makeHome()
    // Where its folder would be, which not even root gets past.
    await writeFile(join(home, name), '')
    const { code, stderr } = await commandLine([...argv, '--json'], { home })
    expect(code).toBe(1)
    expect(JSON.parse(stderr)).toEqual({
      error: {
        type: 'failed',
        message: expect.stringMatching(/^\/.* cannot be used: E(EXIST|NOTDIR): .* Check that it can be /) as string,
      },
    })
    expect(stderr).toContain(join(home, name))
  })
})

describe('--json', () => {
  const leaves = (node: CommandNode, path: string[] = []): [string, CommandNode][] =>
    node.commands.length === 0
      ? [[path.join(' '), node]]
      : node.commands.flatMap((child) => leaves(child, [...path, child.name]))

  it('is an option of every command, as are --quiet and --verbose', async () => {
    for (const [path, { options }] of leaves(await commandTree(main))) {
      const flags = options.map(({ flag }) => flag)
      expect([path, flags]).toEqual([path, expect.arrayContaining(['--json', '--quiet', '--verbose'])])
    }
  })

  it('tells what is wrong with the config, each thing for itself', async () => {
    const { code, stdout, stderr } = await commandLine(['status', '--json'], { config: 'prot: 1\nhots: x\n' })
    expect([code, stdout]).toEqual([2, ''])
    expect(JSON.parse(stderr)).toEqual({
      error: {
        type: 'config',
        message: expect.stringContaining('2 problems in the config'),
        problems: [
          expect.objectContaining({ key: 'prot', line: 1, nearest: 'port' }),
          expect.objectContaining({ key: 'hots', line: 2, nearest: 'host' }),
        ],
      },
    })
  })

  it('has lines of JSON for what is logged', async () => {
    const config = { log: { format: 'pretty' }, providers: { claude: { enabled: false, api_key: 'sk-x' } } }
    const { stdout, stderr } = await commandLine(['models', '--json', '--verbose'], { config })
    expect(JSON.parse(stdout)).toEqual([])
    for (const line of stderr.split('\n').slice(0, -1)) expect(JSON.parse(line)).toHaveProperty('level')
  })
})

describe('help', () => {
  const helpOf = async (...argv: string[]) => {
    const { code, stdout, stderr } = await commandLine(argv)
    expect([code, stderr]).toEqual([0, ''])
    return stdout
  }

  it('is asked for by `help` or `--help`, and names the whole command', async () => {
    for (const [asked, usage] of [
      [['key', 'create'], 'USAGE byok key create [OPTIONS] <LABEL>'],
      [['serve'], 'USAGE byok serve [OPTIONS]'],
      [['key'], 'USAGE byok key create|list|revoke'],
      [[], 'USAGE byok serve|login|'],
    ] as const) {
      const text = await helpOf('help', ...asked)
      expect(text).toContain(usage)
      expect(await helpOf(...asked, '--help')).toBe(text)
    }
  })

  it.each(['--version', '-v', '-V'])('%s says which byok it is', async (flag) => {
    expect(await helpOf(flag)).toBe(`${version}\n`)
  })
})

describe('commands of plugins', () => {
  async function withPlugin(argv: string[], plugins = './plugin.mjs') {
    const home = await makeHome()
    await writeFile(
      join(home, 'plugin.mjs'),
      `export default { name: 'greeter', commands: { greet: { description: 'Greets',
        run: ({ args }) => void process.stdout.write(JSON.stringify({ json: args.json, quiet: args.quiet })) } } }`,
    )
    await writeFile(join(home, 'byok.config.yaml'), `plugins: [${plugins}]\n`)
    return await commandLine(argv, { home })
  }

  it("come after byok's own in the list", async () => {
    const { stdout } = await withPlugin(['--help'])
    expect(stdout).toMatch(/USAGE byok serve\|.*\|import\|greet\n/)
    expect((await withPlugin(['help', 'greet'])).stdout).toContain('USAGE byok greet [OPTIONS]')
  })

  it('take what every command takes', async () => {
    const { code, stdout } = await withPlugin(['greet', '--json', '--quiet'])
    expect([code, JSON.parse(stdout)]).toEqual([0, { json: true, quiet: true }])
  })

  it('that cannot be had are why there is none of that name', async () => {
    const reason = /Plugins were not looked at: plugin "\.\/gone\.mjs" was not found/
    const run = await withPlugin(['greet'], './gone.mjs')
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(reason) })
    const json = await withPlugin(['greet', '--json'], './gone.mjs')
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { type: 'usage', message: expect.stringMatching(reason) } })
    const script = await withPlugin(['completions', 'bash', '--json'], './gone.mjs')
    expect(JSON.parse(script.stdout)).toMatchObject({ shell: 'bash' })
    expect(JSON.parse(script.stderr)).toMatchObject({ level: 'warn', msg: expect.stringMatching(reason) })
    const help = await withPlugin(['--help'], './gone.mjs')
    expect(help).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('serve'),
      stderr: expect.stringMatching(reason),
    })
  })
})

describe('colour', () => {
  const terminal = { isTTY: true }
  it.each([
    [terminal, {}, true],
    [{}, {}, false],
    [terminal, { TERM: 'dumb' }, false],
    [terminal, { NO_COLOR: '1' }, false],
    [terminal, { NO_COLOR: 'please' }, false],
    [terminal, { NO_COLOR: '' }, true],
    [{}, { FORCE_COLOR: '1' }, true],
    [{}, { FORCE_COLOR: '' }, true],
    [terminal, { FORCE_COLOR: '0' }, false],
    [{}, { FORCE_COLOR: '3', NO_COLOR: 'yes' }, false],
  ])('of %j under %j: %j', (output, env, expected) => {
    expect(coloured(output, env)).toBe(expected)
  })

  it('is in no help that goes to a file', async () => {
    const { stdout, code } = await commandLine(['serve', '--help'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Serve[^\u001B]+--port[^\u001B]+$/)])
  })
})
