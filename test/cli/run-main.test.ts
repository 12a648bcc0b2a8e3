import { describe, expect, it } from 'vitest'
import { commandTree } from '../../src/cli/command-tree.ts'
import type { CommandNode } from '../../src/cli/command-tree.ts'
import { main } from '../../src/cli/commands.ts'
import { coloured } from '../../src/core/color.ts'
import { commandLine } from '../helpers/command-line.ts'

describe('a command line that is wrong', () => {
  it.each([
    [['serv'], 'unknown command serv. Did you mean serve?'],
    [['nonsense'], 'unknown command nonsense. See byok --help.'],
    [['logout'], 'missing required positional argument: PROVIDER. See byok logout --help.'],
    [['service'], 'no command specified. See byok service --help.'],
    [['service', 'instal'], 'unknown command instal. See byok service --help.'],
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

  it('without a word in it shows what there is', async () => {
    const { code, stdout } = await commandLine([])
    expect(code).toBe(2)
    expect(stdout).toContain('serve')
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
      // A script for a shell is all that this one ever says.
      const wanted = path === 'completions' ? ['--json'] : ['--json', '--quiet', '--verbose']
      expect([path, flags]).toEqual([path, expect.arrayContaining(wanted)])
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
