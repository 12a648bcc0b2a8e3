import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { tmpdir } from 'node:os'

/** A real server, in a folder of its own on a free port of loopback. */
export interface RealServer {
  url: string
  stop(): Promise<void>
}

/** Where Debian puts PostgreSQL's programs, which are not on the path. */
const POSTGRES = '/usr/lib/postgresql'

function find(name: string): string | undefined {
  const versions = existsSync(POSTGRES) ? readdirSync(POSTGRES).map((version) => join(POSTGRES, version, 'bin')) : []
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', ...versions]
  return folders.map((folder) => join(folder, name)).find(existsSync)
}

const redis = find('redis-server')
const [initdb, postgres] = [find('initdb'), find('postgres')]
const isRoot = process.getuid?.() === 0
export const hasRedis = redis !== undefined
/** PostgreSQL does not run as root. */
export const hasPostgres = initdb !== undefined && postgres !== undefined && (!isRoot || find('runuser') !== undefined)

export async function startRedis(password: string): Promise<RealServer> {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--requirepass', password]
  return await start('redis', redis ?? '', args, /Ready to accept connections/, `redis://127.0.0.1:${port}`)
}

export async function startPostgres(): Promise<RealServer> {
  const port = await freePort()
  const folder = makeFolder('postgres')
  const data = join(folder, 'data')
  const as = isRoot ? ['runuser', '-u', 'postgres', '--'] : []
  if (isRoot) execFileSync('chown', ['postgres', folder])
  const run = [...as, initdb ?? '', '-D', data, '-U', 'byok', '-A', 'trust', '--no-sync', '--no-instructions']
  execFileSync(run[0] ?? '', run.slice(1), { stdio: 'ignore', cwd: folder })
  const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-k', folder]
  const [command = '', ...rest] = [...as, postgres ?? '', ...args]
  const url = `postgres://byok@127.0.0.1:${port}/postgres`
  return await start('postgres', command, rest, /ready to accept connections/, url, folder)
}

async function start(
  name: string,
  command: string,
  args: string[],
  ready: RegExp,
  url: string,
  folder = makeFolder(name),
): Promise<RealServer> {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let output = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (ready.test(output)) resolve()
      })
    }
    void exited.then(() => reject(new Error(`${name} did not start:\n${output}`)))
  })
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function makeFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `byok-${name}-`))
  chmodSync(folder, 0o755)
  return folder
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
