import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { cpus, devNull } from 'node:os'
import { createInterface } from 'node:readline'

export interface ServerProcess {
  url: string
  pid: number
  child: ChildProcess
  /** Seconds of processor time used so far. */
  cpuSeconds(): number
  /** Resident memory in bytes. */
  memory(): number
  stop(): Promise<void>
}

export interface StartOptions {
  command: string
  args: string[]
  env?: Record<string, string>
  cwd?: string
  /** Finds the address in what the server prints. */
  url: RegExp
  /** The core it may use, or cores such as `0-3`, where the system can pin processes. */
  core?: number | string
}

/** Linux counts processor time in hundredths of a second, whatever the kernel's own tick. */
const TICKS = 100
const pins = process.platform === 'linux' && cpus().length > 1

/** Starts a server, on a core of its own where that can be had, and waits for its address. */
export async function startServer({ command, args, env, cwd, url, core }: StartOptions): Promise<ServerProcess> {
  const pinned = pins && core !== undefined ? ['taskset', '-c', String(core), command, ...args] : [command, ...args]
  const [program = command, ...rest] = pinned
  const child = spawn(program, rest, {
    env: { ...process.env, ...env },
    cwd,
    // Access logs are written, as users have them, but nobody reads them.
    stdio: ['ignore', 'pipe', process.env['BENCH_DEBUG'] ? 'inherit' : openSync(devNull, 'w')],
  })
  const found = await addressIn(child, url)
  const pid = child.pid ?? 0
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return {
    url: found,
    pid,
    child,
    cpuSeconds: () => (Number(stat()[11]) + Number(stat()[12])) / TICKS,
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    async stop() {
      if (child.exitCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

async function addressIn(child: ChildProcess, url: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('no output to read the address from')
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = url.exec(line) ?? []
    if (address === undefined) continue
    // Whatever it prints from now on must not fill the pipe.
    child.stdout.resume()
    return address.replace('localhost', '127.0.0.1')
  }
  throw new Error(`${child.spawnargs.join(' ')} ended without an address`)
}
