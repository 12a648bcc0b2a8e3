import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { ChatError } from '../chat/index.ts'
import type { Config } from '../config/schema.ts'

/**
 * Refuses requests that this machine's own programs would not send.
 *
 * - `Host` must be localhost, a loopback address, the configured host or one of `server.allowed_hosts`: otherwise a web
 *   page could point its own name at 127.0.0.1 (DNS rebinding) and spend the user's accounts.
 * - `Origin`, which browsers send and programs do not, must be on localhost or one of `server.allowed_origins`.
 * - Where `server.keys` is set, one of them must be sent: as bearer, as `x-api-key` as Anthropic's clients do, or as
 *   `x-goog-api-key` or the query's `key` as Google's do.
 *
 * @returns the label of the key that was sent; `undefined` where none is needed.
 * @throws {ChatError} 401 or 403.
 */
export function guard(config: Config, headers: Headers, query?: URLSearchParams): string | undefined {
  const { allowed_hosts: hosts, allowed_origins: origins, keys } = config.server
  const host = headers.get('host')
  if (host !== null && !isAllowedHost(host, [config.host, ...hosts])) {
    throw new ChatError(
      `Requests for host ${quote(host)} are refused. Use http://localhost, or add the name to server.allowed_hosts.`,
      { status: 403, code: 'host_not_allowed' },
    )
  }
  const origin = headers.get('origin')
  if (origin !== null && !isAllowedOrigin(origin, origins)) {
    throw new ChatError(
      `Requests from web origin ${quote(origin)} are refused. Add it to server.allowed_origins to allow them.`,
      { status: 403, code: 'origin_not_allowed' },
    )
  }
  if (keys.length === 0) return undefined
  const sent = sentKeys(headers, query)
  // Every key is compared, so that the time taken does not tell which one was near.
  const [known] = keys.filter(({ key }) => sent.filter((word) => sameText(key.reveal(), word)).length > 0)
  if (!known) {
    throw new ChatError(
      sent.length === 0
        ? 'This byok needs a key: send one of server.keys as `Authorization: Bearer …`.'
        : 'The key sent is not one of server.keys.',
      { status: 401, code: 'invalid_api_key' },
    )
  }
  return known.label
}

/** Whether a web page of this origin may call byok: one on localhost, or one that config names. */
export function isAllowedOrigin(origin: string, allowed: string[]): boolean {
  if (allowed.includes('*') || allowed.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const { protocol, hostname } = new URL(origin)
  return (protocol === 'http:' || protocol === 'https:') && isLoopback(hostname)
}

/** Whether a host name is this machine's own, by name or address. */
export function isLoopback(hostname: string): boolean {
  const name = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true
  return isIP(name) === 4 && name.startsWith('127.')
}

function isAllowedHost(host: string, allowed: string[]): boolean {
  if (allowed.includes('*')) return true
  if (!URL.canParse(`http://${host}`)) return false
  const { hostname } = new URL(`http://${host}`)
  const bare = hostname.replace(/^\[|\]$/g, '')
  return isLoopback(hostname) || allowed.some((name) => name.toLowerCase() === bare || name.toLowerCase() === host)
}

/** A client may send several: Claude Code sends a token of its own beside the key it was given. */
function sentKeys(headers: Headers, query: URLSearchParams | undefined): string[] {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const all = [bearer?.trim(), headers.get('x-api-key'), headers.get('x-goog-api-key'), query?.get('key')]
  return all.filter((key) => typeof key === 'string')
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100))
}
