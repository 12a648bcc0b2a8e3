import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { onTestFinished, vi } from 'vitest'
import { stringify } from 'yaml'
import { main } from '../../src/cli/commands.ts'
import { runCommandLine } from '../../src/cli/run-main.ts'
import { Output } from './output.ts'

export interface CommandLineOptions {
  /** Written to a file that is given as `-c`; an object becomes YAML. */
  config?: object | string
  /** Added to an environment that holds nothing of the machine's but PATH. */
  env?: Record<string, string>
  /** What is typed. */
  stdin?: string
  /** The home directory, for a second run in the same one. Default: a new one, gone after the test. */
  home?: string
}

export interface CommandLineRun {
  home: string
  configFile: string | undefined
  code: number
  stdout: string
  stderr: string
}

class Exit extends Error {
  readonly code: number
  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

/** A home directory that is gone after the test. */
export async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'byok-home-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  return home
}

/** A command line at work in this process. */
export interface CommandLineStarted {
  home: string
  configFile: string | undefined
  stdout(): string
  stderr(): string
  /** Resolves once standard output (or error) holds what is looked for. */
  until(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit code. */
  exited: Promise<number>
}

/**
 * Runs a command line in this process, which costs a small part of a process of its own. For commands that end by themselves and
 * where neither signals nor the end of the process are the point; `runCli` runs the others.
 */
export async function commandLine(argv: string[], options: CommandLineOptions = {}): Promise<CommandLineRun> {
  const run = await startCommandLine(argv, options)
  const code = await run.exited
  return { home: run.home, configFile: run.configFile, code, stdout: run.stdout(), stderr: run.stderr() }
}

/** {@link commandLine}, for a test that has a part in it. One at a time: until it ends, what this process prints is taken for its. */
export async function startCommandLine(
  argv: string[],
  { config, env = {}, stdin = '', home: given }: CommandLineOptions = {},
): Promise<CommandLineStarted> {
  const home = given ?? (await makeHome())
  let configFile: string | undefined
  if (config !== undefined) {
    configFile = join(home, 'test.yaml')
    await writeFile(configFile, typeof config === 'string' ? config : stringify(config))
  }
  const output = new Output()
  const exited = run([...argv, ...(configFile ? ['-c', configFile] : [])], { home, env, stdin, output })
  return {
    home,
    configFile,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    until: (pattern) => output.until(pattern, exited),
    exited,
  }
}

async function run(
  argv: string[],
  { home, env, stdin, output }: { home: string; env: Record<string, string>; stdin: string; output: Output },
): Promise<number> {
  let exit: Exit | undefined
  const spies = [
    vi.spyOn(console, 'error').mockImplementation((text) => void (exit || output.add('stderr', `${String(text)}\n`))),
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => (output.add('stdout', String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => (output.add('stderr', String(text)), true)),
    vi.spyOn(console, 'log').mockImplementation((text) => output.add('stdout', `${String(text)}\n`)),
    vi.spyOn(process, 'cwd').mockReturnValue(home),
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([stdin]) as typeof process.stdin),
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      // The first counts: citty takes it for a fault of the command and ends once more.
      exit ??= new Exit(Number(code ?? process.exitCode ?? 0))
      throw exit
    }),
  ]
  const before = { ...process.env }
  replaceEnv({ PATH: before['PATH'] ?? '', HOME: home, ...env })
  process.exitCode = undefined
  try {
    await runCommandLine(main, argv)
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (!(error instanceof Exit)) throw error
    return error.code
  } finally {
    for (const spy of spies) spy.mockRestore()
    replaceEnv(before)
    process.exitCode = undefined
  }
}

/** In place, for native code looks at the process' own. */
function replaceEnv(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
}
