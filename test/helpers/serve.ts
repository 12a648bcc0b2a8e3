import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { stringify } from 'yaml'
import { Output } from './output.ts'

export interface CliOptions {
  /** Written to a file that is given as `-c`; an object becomes YAML. */
  config?: object | string
  /** Added to an environment that holds nothing of the machine's but PATH. */
  env?: Record<string, string>
  args?: string[]
  /** Whether standard input is a pipe that the test writes to; it is closed otherwise. */
  stdin?: boolean
  /** Where standard error goes in place of the test. */
  stderrTo?: string
  /** The home directory, for a second run in the same one. Default: a new one. */
  home?: string
}

/** One run of the real CLI in a process and home of its own. */
export interface CliRun {
  home: string
  pid: number
  configFile: string | undefined
  stdout(): string
  stderr(): string
  /** Writes to standard input. */
  write(text: string): void
  /** Ends standard input. */
  end(): void
  /** Goes away as a reader of what it says. */
  stopReading(...names: ('stdout' | 'stderr')[]): void
  /** Resolves once standard output (or error) holds what is looked for. */
  until(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit code, or the signal's name. */
  exited: Promise<number | string>
  kill(signal: NodeJS.Signals): void
  /** Ends the process if it still runs, and removes its home unless it was given one, which others may still write to. */
  dispose(): Promise<void>
}

export async function runCli(
  command: string[],
  { config, env = {}, args = [], stdin = false, ...more }: CliOptions = {},
): Promise<CliRun> {
  const home = more.home ?? (await mkdtemp(join(tmpdir(), 'byok-cli-')))
  let configFile: string | undefined
  if (config !== undefined) {
    configFile = join(home, 'test.yaml')
    await writeFile(configFile, typeof config === 'string' ? config : stringify(config))
  }
  const errors = more.stderrTo === undefined ? undefined : openSync(more.stderrTo, 'w')
  const child = spawn(
    process.execPath,
    [join(inject('build'), 'cli/main.js'), ...command, ...(configFile ? ['-c', configFile] : []), ...args],
    {
      cwd: home,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
      stdio: [stdin ? 'pipe' : 'ignore', 'pipe', errors ?? 'pipe'],
    },
  )
  if (errors !== undefined) closeSync(errors)
  const output = new Output()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => output.add(name, text))
  }
  const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    home,
    pid: child.pid ?? 0,
    configFile,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    write: (text) => void child.stdin?.write(text),
    end: () => void child.stdin?.end(),
    stopReading: (...names) => {
      for (const name of names) child[name]?.destroy()
    },
    until: (pattern) => output.until(pattern, exited),
    exited,
    kill: (signal) => void child.kill(signal),
    async dispose() {
      child.kill('SIGKILL')
      await exited
      if (more.home === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}

/** A `byok serve` that is up. */
export interface Served extends CliRun {
  /** Such as `http://localhost:40123`. */
  url: string
}

export async function serve(options: CliOptions = {}): Promise<Served> {
  const run = await runCli(['serve'], { ...options, args: ['-p', '0', ...(options.args ?? [])] })
  const [, url = ''] = await run.until(/is ready at (http:\/\/\S+)\/v1/)
  return { ...run, url }
}
