import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { main } from '../../src/cli/commands.ts'
import { commandTree } from '../../src/cli/command-tree.ts'
import { completionScript } from '../../src/cli/completion-scripts.ts'
import { SHELLS } from '../../src/cli/completion-shells.ts'
import { commandLine } from '../helpers/command-line.ts'

const NONE = { options: {}, arguments: {} }

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
      const script = completionScript(shell, tree, NONE)
      expect(script).toContain('validate')
      for (const name of ['port', 'version', 'help'])
        expect(script).toContain(shell === 'fish' ? `-l ${name}` : `--${name}`)
    }
  })

  it('completes in bash', async () => {
    const { code, stdout } = await commandLine(['completions', 'bash'])
    expect(code).toBe(0)
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '--norc',
          '-c',
          `${stdout}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _byok; echo "\${COMPREPLY[*]}"`,
          'bash',
          ...words,
        ],
        {
          encoding: 'utf8',
        },
      ).trim()
    expect(complete('byok', 'comp')).toBe('completions')
    expect(complete('byok', '--vers')).toBe('--version')
    expect(complete('byok', 'serve', '--vers')).toBe('')
    expect(complete('byok', 'config', 'v')).toBe('validate')
    expect(complete('byok', 'serve', '--po')).toBe('--port')
    expect(complete('byok', 'login', 'claude', '--no-')).toBe('--no-browser')
    expect(complete('byok', 'login', 'cla')).toBe('claude')
    expect(complete('byok', 'setup', 'gem')).toBe('gemini-cli')
    expect(complete('byok', 'usage', '--by', 'prov')).toBe('provider')
    expect(complete('byok', 'service', 'install', '--manager', '')).toBe('systemd launchd')
    expect(complete('byok', 'serve', '--port', '')).toBe('')
  })

  it('quotes what descriptions hold', () => {
    const options = [{ flag: '--file', description: "The user's: [one] \\ (two)", takesValue: false }]
    const tree = { name: 'byok', description: '', options, takesWords: false, commands: [] }
    const [, word = ''] = /_arguments .*?( '--file.*)/.exec(completionScript('zsh', tree, NONE)) ?? []
    // zsh quotes as sh does.
    expect(execFileSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' })).toBe(
      "--file[The user's\\: \\[one\\] \\\\ (two)]",
    )
    expect(completionScript('fish', tree, NONE)).toContain("-d 'The user\\'s: [one] \\\\ (two)'")
  })

  it('refuses a shell it does not know', async () => {
    const { code, stderr } = await commandLine(['completions', 'cmd'])
    expect(code).toBe(2)
    expect(stderr).toContain('bash, zsh, fish')
  })
})
