import { afterEach, describe, expect, it, vi } from 'vitest'
import { main } from '../../src/cli/commands.ts'
import { runCommandLine } from '../../src/cli/run-main.ts'

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

/** What a command line that is wrong leads to. */
async function run(argv: string[]) {
  const said = { stdout: '', stderr: '' }
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.stderr += String(text)), true))
  vi.spyOn(console, 'log').mockImplementation((text) => void (said.stdout += String(text)))
  await runCommandLine(main, argv)
  return { ...said, code: process.exitCode }
}

describe('a command line that is wrong', () => {
  it.each([
    [['serv'], 'byok: unknown command serv. Did you mean serve?'],
    [['nonsense'], 'byok: unknown command nonsense. See byok --help.'],
    [['logout'], 'byok: missing required positional argument: PROVIDER. See byok logout --help.'],
    [['service'], 'byok: no command specified. See byok service --help.'],
    [['service', 'instal'], 'byok: unknown command instal. See byok service --help.'],
  ])('ends %j with 2, and a word on standard error alone', async (argv, expected) => {
    expect(await run(argv)).toEqual({ code: 2, stdout: '', stderr: `${expected}\n` })
  })

  it('without a word in it shows what there is', async () => {
    const { code, stdout } = await run([])
    expect(code).toBe(2)
    expect(stdout).toContain('serve')
  })
})
