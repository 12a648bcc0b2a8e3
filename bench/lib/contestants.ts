import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { storeLogins, storeRecords } from './earlier.ts'
import { startServer } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

export const ROOT = resolve(import.meta.dirname, '../..')
const TSX = ['--import', 'tsx']
/** Contestants have this core; the load and the vendor share the other. */
const CONTESTANT = 0
const LOAD = 1
/** Named, because a process has the cores of the one that starts it otherwise. */
const ALL = `0-${cpus().length - 1}`

/** The version measured. Its package is no dependency of byok's; it is installed for the benchmarks alone. */
const PORTKEY = '@portkey-ai/gateway@1.15.2'

/** The ways a request can take to the vendor. */
export const ROUTES = ['openai', 'claude', 'gemini', 'kiro'] as const
export type Route = (typeof ROUTES)[number]

export function isRoute(name: string): name is Route {
  return ROUTES.some((route) => route === name)
}

/** Has this process, whose clients are the load, keep off the contestants' core. */
export function pinLoad(): void {
  if (process.platform !== 'linux') return
  execFileSync('taskset', ['-cp', String(LOAD), String(process.pid)], { stdio: 'ignore' })
}

export interface Contestant {
  name: string
  /** Its process, held to one core. */
  server: ServerProcess
  /** What a chat completion is sent to, and how the model is named for it. */
  endpoint(route: Route): Endpoint | undefined
}

export interface Endpoint {
  url: string
  headers: Record<string, string>
  /** The model's name for this contestant. */
  model(plan: string): string
}

const JSON_HEADERS = { 'content-type': 'application/json', authorization: 'Bearer bench' }
const named = (plan: string) => plan

export function startUpstream(): Promise<ServerProcess> {
  const script = join(ROOT, 'bench/servers/upstream.ts')
  return startServer({ command: process.execPath, args: [...TSX, script], url: /(http:\S+)/, core: LOAD })
}

export async function startDirect(upstream: ServerProcess): Promise<Contestant> {
  const url = `${upstream.url}/v1/chat/completions`
  return {
    name: 'direct',
    server: { ...upstream, stop: async () => {} },
    endpoint: (route) => (route === 'openai' ? { url, headers: JSON_HEADERS, model: named } : undefined),
  }
}

/** A floor: the `node:http` pipe, or h3 with undici, of which byok is made. */
export async function startFloor(
  name: 'pipe' | 'h3',
  upstream: ServerProcess,
  { node = [] }: Pick<ServerOptions, 'node'> = {},
): Promise<Contestant> {
  const args = [...node, ...TSX, join(ROOT, `bench/servers/${name}.ts`), upstream.url]
  const server = await startServer({ command: process.execPath, args, url: /(http:\S+)/, core: CONTESTANT })
  const url = `${server.url}/v1/chat/completions`
  return {
    name,
    server,
    endpoint: (route) => (route === 'openai' ? { url, headers: JSON_HEADERS, model: named } : undefined),
  }
}

export interface ServerOptions {
  /** Further config. */
  config?: object
  /** Another built copy of byok. Default: this one. */
  root?: string
  /** How many logins the provider that stands for Claude has, instead of a key. */
  logins?: number
  /** How many requests are on record from before it started. */
  earlier?: number
  /** Options of Node's, such as `--cpu-prof`. */
  node?: string[]
  args?: string[]
  /** Whether it is held to the contestants' core. Default true. */
  pinned?: boolean
}

/** The built byok as a user runs it, with its access log and usage records, in a home of its own. */
export async function startByok(upstream: ServerProcess, options: ServerOptions = {}): Promise<Contestant> {
  const home = mkdtempSync(join(tmpdir(), 'byok-bench-'))
  const config = join(home, 'config.yaml')
  const key = 'bench'
  writeFileSync(
    config,
    stringify({
      providers: {
        bench: { type: 'openai-compatible', api_key: key, base_url: `${upstream.url}/v1`, models: ['bench'] },
        claude: options.logins ? { oauth_base_url: upstream.url } : { api_key: key, base_url: upstream.url },
        gemini: { api_key: key, base_url: `${upstream.url}/v1beta` },
        kiro: { api_key: key, base_url: upstream.url },
      },
      ...options.config,
    }),
  )
  if (options.logins) await storeLogins(join(home, 'tokens.db'), options.logins)
  if (options.earlier) await storeRecords(join(home, 'usage.db'), options.earlier)
  const cli = join(options.root ?? ROOT, 'dist/cli/main.js')
  if (!existsSync(cli)) throw new Error('Build byok first: npm run build')
  const server = await startServer({
    command: process.execPath,
    args: [...(options.node ?? []), cli, 'serve', '-c', config, '-p', '0', ...(options.args ?? [])],
    env: { HOME: home, BYOK_DB: join(home, 'tokens.db') },
    cwd: home,
    url: /is ready at (http:\S+)\/v1/,
    core: options.pinned === false ? ALL : CONTESTANT,
  })
  return {
    name: 'byok',
    server: {
      ...server,
      async stop() {
        await server.stop()
        rmSync(home, { recursive: true, force: true })
      },
    },
    endpoint: (route) => ({
      url: `${server.url}/v1/chat/completions`,
      headers: JSON_HEADERS,
      model: (plan) => `${route === 'openai' ? 'bench' : route}/${plan}`,
    }),
  }
}

export async function startPortkey(upstream: ServerProcess): Promise<Contestant> {
  const folder = join(ROOT, 'node_modules/.cache/byok-bench')
  const script = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  if (!existsSync(script)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"private":true}')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', PORTKEY], {
      cwd: folder,
      stdio: 'ignore',
    })
  }
  const server = await startServer({
    command: process.execPath,
    args: [script, '--headless', '--port=8799'],
    url: /(http:\/\/localhost:\d+)/,
    core: CONTESTANT,
  })
  const headersFor = (provider: string, base: string) => ({
    ...JSON_HEADERS,
    'x-portkey-provider': provider,
    'x-portkey-custom-host': base,
  })
  const headers: Partial<Record<Route, Record<string, string>>> = {
    openai: headersFor('openai', `${upstream.url}/v1`),
    claude: headersFor('anthropic', `${upstream.url}/v1`),
    gemini: headersFor('google', upstream.url),
  }
  return {
    name: 'portkey',
    server,
    endpoint(route) {
      const found = headers[route]
      return found && { url: `${server.url}/v1/chat/completions`, headers: found, model: named }
    },
  }
}
