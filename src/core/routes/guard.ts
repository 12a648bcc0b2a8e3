import { isIP } from 'node:net'
import { bareHost } from '../address.ts'
import { ChatError } from '../chat/index.ts'
import type { ClientKeys } from '../clients/client-keys.ts'
import type { ClientKey } from '../clients/key.ts'
import type { Config } from '../config/schema.ts'
import type { RequestInfo } from '../hooks.ts'
import { Lru } from '../lru.ts'

/**
 * Refuses requests that this machine's own programs would not send.
 *
 * - `Host` must be localhost, a loopback address, the configured host or one of `server.allowed_hosts`: otherwise a web
 *   page could point its own name at 127.0.0.1 (DNS rebinding) and spend the user's accounts. Where byok listens beyond loopback, any
 *   address will do: others reach it by one, and nobody can point an address elsewhere.
 * - `Origin`, which browsers send and programs do not, must be on localhost or one of `server.allowed_origins`; or that of a program made
 *   of a browser.
 * - A page that names no origin, as by an image, a frame or `fetch` without CORS, must be byok's own. Whoever follows a link may look.
 *
 * @throws {ChatError} 403
 */
export function guardOrigin(config: Pick<Config, 'host' | 'server'>, headers: Headers): void {
  const { allowed_hosts: hosts, allowed_origins: origins } = config.server
  const host = headers.get('host')
  if (host !== null && !isAllowedHost(host, [config.host, ...hosts], !isLoopback(config.host))) {
    throw new ChatError(
      `Requests to the host ${quote(host)} are refused. Use localhost, or add the name to server.allowed_hosts.`,
      { status: 403, code: 'host_not_allowed' },
    )
  }
  const origin = headers.get('origin')
  if (origin !== null && !isAllowedOrigin(origin, origins) && !isOwnOrigin(origin, host)) {
    throw new ChatError(
      `Requests from web origin ${quote(origin)} are refused. Add it to server.allowed_origins to allow them.`,
      { status: 403, code: 'origin_not_allowed' },
    )
  }
  if (origin === null && !origins.includes('*') && isOthersPage(headers) && !isNavigation(headers)) {
    throw new ChatError(
      'Requests that a web page of another origin makes without CORS are refused: ask by `fetch`, from an origin of server.allowed_origins.',
      { status: 403, code: 'origin_not_allowed' },
    )
  }
}

/**
 * Refuses what a page of another origin has a browser ask, even by a link or a new window, for what is spent by asking alone.
 * @throws {ChatError} 403
 */
export function guardNavigation(headers: Headers): void {
  if (headers.has('origin') || !isOthersPage(headers)) return
  throw new ChatError('A web page of another origin led here, which could spend what is yours. Ask for it yourself.', {
    status: 403,
    code: 'origin_not_allowed',
  })
}

/**
 * Whether a browser says that a page of another origin asks, which it does of all of them (W3C Fetch Metadata); `Origin` it leaves out
 * where a page reads nothing of the answer. Programs made of a browser (Electron) take `Origin` off what their pages ask by CORS; a
 * browser never does.
 */
function isOthersPage(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site')
  return (site === 'cross-site' || site === 'same-site') && headers.get('sec-fetch-mode') !== 'cors'
}

/** Whether it is for a window of its own, which no other page sees. */
function isNavigation(headers: Headers): boolean {
  return headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document'
}

/**
 * Refuses requests without a key where there are keys (`server.keys`, `byok key create`): as bearer, as `x-api-key` as Anthropic's
 * clients send it, or as `x-goog-api-key` or the query's `key` as Google's do.
 *
 * @param needed whether one is needed where there are keys; one that is sent is read all the same
 * @returns the key that was sent; `undefined` where none is needed.
 * @throws {ChatError} 401
 */
export function guardKey(
  clients: ClientKeys,
  headers: Headers,
  query?: URLSearchParams,
  needed = true,
): ClientKey | undefined {
  const required = clients.required && needed
  // Clients send whatever they were set up with: where there is no key, nobody need look at it.
  if (!required && !clients.any) return undefined
  const sent = sentKeys(headers, query)
  if (!required && sent.length === 0) return undefined
  const found = clients.identify(sent)
  if (found && 'key' in found) return found.key
  if (!required) return undefined
  if (found) {
    throw new ChatError(`The key ${quote(found.expired.label)} has expired. Make a new one: byok key create.`, {
      status: 401,
      code: 'expired_api_key',
    })
  }
  throw new ChatError(
    sent.length === 0
      ? 'This byok needs a key: send one of server.keys, or of `byok key create`, as `Authorization: Bearer …`.'
      : 'The key sent is not one of server.keys, nor one that `byok key create` made and nobody revoked.',
    { status: 401, code: 'invalid_api_key' },
  )
}

/**
 * {@link guardOrigin}, then {@link guardKey}; whose key it is stands in `info` after.
 * @throws {ChatError} 401 or 403
 */
export function guardClient(
  { config, clients }: { config: Config; clients: ClientKeys },
  info: RequestInfo,
  { headers, url }: { headers: Headers; url: Pick<URL, 'search' | 'searchParams'> },
  needed = true,
): void {
  guardOrigin(config, headers)
  // Most have no query, and to take one apart costs more than to look.
  const key = guardKey(clients, headers, url.search === '' ? undefined : url.searchParams, needed)
  if (key) clients.admit(info, key)
}

/**
 * Origins of programs on this machine that are made of a browser: no page of the web can have one. Obsidian's is `app://obsidian.md`
 * (ollama/ollama issue 3827); the list is Ollama's (envconfig/config.go, `AllowedOrigins`) but for `file:`, which a page that was
 * downloaded could have.
 */
const PROGRAMS = ['app:', 'tauri:', 'vscode-webview:', 'vscode-file:']

/** Whether a page of this origin may call byok: a web page on localhost, a program's own, or one that config names. */
export function isAllowedOrigin(origin: string, allowed: string[]): boolean {
  if (allowed.includes('*') || allowed.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const { protocol, hostname } = new URL(origin)
  if (PROGRAMS.includes(protocol)) return true
  return (protocol === 'http:' || protocol === 'https:') && isLoopback(hostname)
}

/** Whether a page was served by byok itself, under the very name it now asks for. The name was checked before. */
export function isOwnOrigin(origin: string, host: string | null): boolean {
  return (
    host !== null && URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol) && new URL(origin).host === host
  )
}

/** Whether a host name is this machine's own, by name or address. */
export function isLoopback(hostname: string): boolean {
  const name = bareHost(hostname.toLowerCase()).replace(/\.$/, '')
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true
  return isIP(name) === 4 && name.startsWith('127.')
}

function isAllowedHost(host: string, allowed: string[], addresses: boolean): boolean {
  if (allowed.includes('*')) return true
  const hostname = hostnameOf(host)
  if (hostname === undefined) return false
  const bare = bareHost(hostname)
  if (addresses && isIP(bare) !== 0) return true
  return isLoopback(hostname) || allowed.some((name) => name.toLowerCase() === bare || name.toLowerCase() === host)
}

/** Nearly all requests bear one and the same, and taking it apart is the most of this guard's work. */
const hostnames = new Lru<string, string>(100)

/** The name in a `Host` header. */
function hostnameOf(host: string): string | undefined {
  const known = hostnames.get(host)
  if (known !== undefined) return known
  if (!URL.canParse(`http://${host}`)) return undefined
  const { hostname } = new URL(`http://${host}`)
  hostnames.set(host, hostname)
  return hostname
}

/** A client may send several: Claude Code sends a token of its own beside the key it was given. */
function sentKeys(headers: Headers, query: URLSearchParams | undefined): string[] {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const all = [bearer?.trim(), headers.get('x-api-key'), headers.get('x-goog-api-key'), query?.get('key')]
  return all.filter((key) => typeof key === 'string')
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100))
}
