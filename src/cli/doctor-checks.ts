import { access, constants, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { readCertificate } from '../adapters/internal/certificate.ts'
import { ListenError } from '../adapters/internal/listen-error.ts'
import { refusalOf } from '../adapters/internal/refusal.ts'
import type { Byok } from '../core/byok.ts'
import { addressOf, bareHost } from '../core/address.ts'
import { readCreatedKeys } from '../core/clients/created-keys.ts'
import { codeOf } from '../core/log/fault.ts'
import { isLoopback } from '../core/routes/guard.ts'
import { locationOf } from '../core/store/configured.ts'
import { StoreError } from '../core/store/index.ts'
import { loadSqlite } from '../core/store/sqlite.ts'
import type { SqliteLoaders } from '../core/store/sqlite.ts'
import { envProxies } from '../core/upstream/env-proxies.ts'
import { withoutUrlSecrets } from '../core/secrets/url-secrets.ts'
import { shellWord } from './shell-word.ts'

/** One thing that was looked at. */
export interface Finding {
  check: string
  state: 'ok' | 'warn' | 'fail'
  /** What was found; never a secret. */
  message: string
  /** What to do. */
  fix?: string
}

/** The oldest Node that byok runs on; as `engines` in package.json. */
const OLDEST_NODE: [number, number] = [20, 19]

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const old = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
  const message = `Node ${version} on ${process.platform} ${process.arch}`
  return old
    ? { check: 'versions', state: 'fail', message, fix: `Install Node ${OLDEST_NODE.join('.')} or newer.` }
    : { check: 'versions', state: 'ok', message }
}

/** Whether `byok serve` could listen, or does. @param host with or without brackets around IPv6 */
export async function checkPort(host: string, port: number): Promise<Finding> {
  if (port === 0) return { check: 'port', state: 'ok', message: 'Any free port will be taken.' }
  const code = await new Promise<string | undefined>((done) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    probe.listen(port, bareHost(host), () => probe.close(() => done(undefined)))
  })
  if (code === undefined) return { check: 'port', state: 'ok', message: `${host}:${port} is free.` }
  if (code === 'EADDRINUSE' && (await isByok(host, port))) {
    return { check: 'port', state: 'ok', message: `byok is running on ${host}:${port}.` }
  }
  const fix = 'Stop what listens there, or set `port` in the config (`byok serve -p PORT`).'
  const reasons: Record<string, [string, string]> = {
    EADDRINUSE: [`Another program listens on ${host}:${port}.`, fix],
    EACCES: [`This user may not listen on port ${port}.`, 'Set `port` to one above 1023.'],
    EADDRNOTAVAIL: [`${host} is no address of this machine.`, 'Set `host` to 127.0.0.1.'],
  }
  const [message, hint] = reasons[code] ?? [`${host}:${port} cannot be listened on (${code}).`, fix]
  return { check: 'port', state: 'fail', message, fix: hint }
}

const healthSchema = z.object({ status: z.string(), version: z.string() })

/** By either scheme: `byok serve --https` is not in the config. */
async function isByok(host: string, port: number): Promise<boolean> {
  const answers = await Promise.all([true, false].map((secure) => isByokAt(addressOf({ host, port, secure }))))
  return answers.includes(true)
}

async function isByokAt(origin: string): Promise<boolean> {
  const [{ ofetch }, { Agent }] = await Promise.all([import('ofetch'), import('undici')])
  // Its certificate may be one that nobody has signed; nothing that is secret is sent.
  const dispatcher = origin.startsWith('https:') ? new Agent({ connect: { rejectUnauthorized: false } }) : undefined
  try {
    const { status, _data: answer } = await ofetch.raw<unknown>(`${origin}/health`, {
      timeout: 2000,
      retry: 0,
      ignoreResponseError: true,
      ...(dispatcher && { dispatcher }),
    })
    // One that wants a key says so in words of its own.
    if (status === 401) return JSON.stringify(answer).includes('server.keys')
    return healthSchema.safeParse(answer).success
  } catch {
    return false
  } finally {
    await dispatcher?.destroy()
  }
}

/** Whether `byok serve` would refuse to listen where config says, and who can reach it there. */
export function checkOpenness({ config, clients }: Byok): Finding {
  const check = 'host'
  const host = bareHost(config.host)
  const refusal = refusalOf({ host, port: config.port }, config, clients)
  if (refusal) return { check, state: 'fail', ...refusal }
  if (isLoopback(host)) return { check, state: 'ok', message: 'Only this machine can reach byok.' }
  return { check, state: 'ok', message: `Others can reach byok on ${host}, with a key.` }
}

/** Whether the certificate that config names can be served with; nothing where it names none. */
export async function checkCertificate({ config }: Byok): Promise<Finding[]> {
  const { tls } = config.server
  if (typeof tls !== 'object') return []
  const check = 'host'
  try {
    await readCertificate(tls)
    return [{ check, state: 'ok', message: 'The certificate of server.tls can be read.' }]
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    return [{ check, state: 'fail', message: error.message, fix: 'Mend server.tls in the config.' }]
  }
}

/** Whether other users of this machine can open what holds keys. Looked at before byok mends what it finds. */
export async function checkPermissions({ config, registry }: Byok, env: NodeJS.ProcessEnv): Promise<Finding> {
  const check = 'permissions'
  if (process.platform === 'win32') return { check, state: 'ok', message: 'Windows guards your folder by itself.' }
  const location = locationOf(config, registry.plugins, env)
  const folder = resolve(location.folder)
  const file = resolve(location.file ?? join(folder, 'tokens.db'))
  const blocked = await blockedAt(folder)
  if (blocked !== undefined) {
    const message = `${folder} cannot be written (${blocked}): byok can keep no login, client key or usage record.`
    const fix = 'Let your user write there, or name another place by `db`, such as `db: /var/lib/byok/tokens.db`.'
    return { check, state: 'warn', message, fix }
  }
  const open: string[] = []
  let there = 0
  for (const path of [folder, file, ...['key', 'config.yaml'].map((name) => join(folder, name))]) {
    const found = await stat(path).catch(() => undefined)
    if (!found) continue
    there++
    if ((found.mode & 0o077) !== 0) open.push(path)
  }
  if (there === 0) return { check, state: 'ok', message: `${folder} is not there yet; byok makes it for you alone.` }
  if (open.length === 0) return { check, state: 'ok', message: `${folder} is yours alone.` }
  return {
    check,
    state: 'warn',
    message: `Other users of this machine can open ${open.join(', ')}.`,
    fix: `chmod go= ${open.map(shellWord).join(' ')}`,
  }
}

/** What keeps byok from writing into a folder, or from making it; undefined where nothing does. */
async function blockedAt(folder: string): Promise<string | undefined> {
  const found = await stat(folder).catch(codeOf)
  if (typeof found !== 'object') {
    const above = dirname(folder)
    return found === 'ENOENT' && above !== folder ? await blockedAt(above) : `${folder}: ${found}`
  }
  if (!found.isDirectory()) return `${folder} is no folder`
  return await access(folder, constants.W_OK | constants.X_OK).then(
    () => undefined,
    (error: unknown) => `${folder}: ${codeOf(error)}`,
  )
}

/** Whether a proxy that requests go through can be reached. */
export async function checkProxies({ config }: Byok, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const named = new Map<string, string>()
  const { http, https } = envProxies(env)
  for (const found of [https, http]) if (found) named.set(found.url, found.variable)
  for (const [name, { proxy }] of Object.entries(config.providers)) {
    if (proxy) named.set(proxy.reveal(), `providers.${name}.proxy`)
  }
  if (named.size === 0) return [{ check: 'proxy', state: 'ok', message: 'Requests go out directly.' }]
  return await Promise.all([...named].map(([url, source]) => checkProxy(url, source)))
}

const DEFAULT_PORTS: Record<string, number> = {
  'http:': 80,
  'https:': 443,
  'socks5:': 1080,
  'socks5h:': 1080,
  'socks:': 1080,
}

async function checkProxy(text: string, source: string): Promise<Finding> {
  const check = 'proxy'
  if (!URL.canParse(text))
    return { check, state: 'fail', message: `${source} is no URL.`, fix: `Mend or unset ${source}.` }
  const { hostname, port, protocol } = new URL(text)
  const usual = DEFAULT_PORTS[protocol]
  if (usual === undefined) {
    const fix = `Set ${source} to an http://, https:// or socks5:// URL, or unset it.`
    return { check, state: 'fail', message: `${source} names a proxy of a kind that byok cannot use.`, fix }
  }
  const at = Number(port) || usual
  const socket = connect({ host: bareHost(hostname), port: at, timeout: 3000 })
  const reason = await new Promise<string | undefined>((done) => {
    socket.once('connect', () => done(undefined))
    socket.once('timeout', () => done('no answer'))
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
  })
  socket.destroy()
  const where = `${hostname}:${at} (${source})`
  if (reason === undefined) return { check, state: 'ok', message: `The proxy ${where} can be reached.` }
  const fix = `Start the proxy, or mend or unset ${source}.`
  return { check, state: 'fail', message: `The proxy ${where} cannot be reached: ${reason}.`, fix }
}

/** Whether the logins can be read, and one could be kept where there is none. The store was opened to get here; this reads it. */
export async function checkDatabase(
  { store, config, registry }: Byok,
  env: NodeJS.ProcessEnv,
  loaders?: SqliteLoaders,
): Promise<Finding> {
  const check = 'database'
  const { length } = await store.list()
  const { file } = locationOf(config, registry.plugins, env)
  const made = file === undefined || (await stat(file).catch(() => undefined)) ? '' : ' (made with the first login)'
  if (made !== '') {
    const fault = await storeFault(loadSqlite(loaders))
    const fix = 'Do what it says: until then byok can keep no login and no usage record.'
    if (fault) return { check, state: 'warn', message: fault, fix }
  }
  const logins = length === 1 ? '1 login' : `${length} logins`
  return { check, state: 'ok', message: `${logins} in ${withoutUrlSecrets(config.db)}${made}` }
}

/** What is kept beside the logins and cannot be read; nothing where all can. */
export async function checkRecords({ clients, usage }: Byok): Promise<Finding[]> {
  const findings: Finding[] = []
  const keys = clients.path && (await storeFault(readCreatedKeys(clients.path)))
  if (keys) {
    const fix = 'Do what it says: until then byok knows no key, and refuses every request.'
    findings.push({ check: 'keys', state: 'fail', message: keys, fix })
  }
  const records = usage && (await storeFault(usage.total(Date.now())))
  if (records) {
    const fix = 'Do what it says: until then no use is recorded, and budgets begin anew at each start.'
    findings.push({ check: 'usage', state: 'warn', message: records, fix })
  }
  return findings
}

async function storeFault(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof StoreError) return error.message
    throw error
  }
}

/** Whether this machine's clock is that of the answers' `date`; logins and signatures go wrong where it is not. */
export function checkClock(dates: readonly number[], now: number): Finding {
  const check = 'clock'
  if (dates.length === 0) {
    return { check, state: 'ok', message: `${new Date(now).toISOString()}; compared with the providers' by --accounts` }
  }
  const apart = dates.map((date) => now - date).sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? 0
  const seconds = Math.round(Math.abs(apart) / 1000)
  if (seconds <= 60) return { check, state: 'ok', message: "The clock is the providers'." }
  const message = `The clock is ${seconds} seconds ${apart > 0 ? 'ahead of' : 'behind'} the providers'.`
  return { check, state: seconds > 300 ? 'fail' : 'warn', message, fix: 'Let the system set its clock (NTP).' }
}
