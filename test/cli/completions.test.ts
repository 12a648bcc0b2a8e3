import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { main } from '../../src/cli/commands.ts'
import { commandTree } from '../../src/cli/command-tree.ts'
import { completionScript, SHELLS } from '../../src/cli/completion-scripts.ts'
import { cli } from './login-support.ts'

describe('byok completions', () => {
  it('knows every command and option', async () => {
    const tree = await commandTree(main)
    expect(tree.commands.map(({ name }) => name)).toEqual(expect.arrayContaining(['serve', 'login', 'config', 'chat']))
    const config = tree.commands.find(({ name }) => name === 'config')
    expect(config?.commands.map(({ name }) => name)).toEqual(['path', 'show', 'validate', 'keys', 'schema', 'init'])
    const serve = tree.commands.find(({ name }) => name === 'serve')
    expect(serve?.options).toContainEqual({
      flag: '--port',
      short: '-p',
      description: 'Port to listen on (default: 8018)',
      takesValue: true,
    })
    for (const shell of SHELLS) {
      const script = completionScript(shell, tree)
      expect(script).toContain('validate')
      expect(script).toContain(shell === 'fish' ? '-l port' : '--port')
    }
  })

  it('completes in bash', async () => {
    const run = await cli(['completions', 'bash'], {})
    expect(await run.exited).toBe(0)
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '--norc',
          '-c',
          `${run.stdout()}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _byok; echo "\${COMPREPLY[*]}"`,
          'bash',
          ...words,
        ],
        {
          encoding: 'utf8',
        },
      ).trim()
    expect(complete('byok', 'comp')).toBe('completions')
    expect(complete('byok', 'config', 'v')).toBe('validate')
    expect(complete('byok', 'serve', '--po')).toBe('--port')
    expect(complete('byok', 'login', 'claude', '--no-')).toBe('--no-browser')
  })

  it('refuses a shell it does not know', async () => {
    const run = await cli(['completions', 'cmd'], {})
    expect(await run.exited).toBe(2)
    expect(run.stderr()).toContain('bash, zsh, fish')
  })
})
