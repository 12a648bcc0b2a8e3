import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Byok } from '../core/byok.ts'
import { assertByok } from './internal/assert-byok.ts'
import { addMount } from './internal/mounts.ts'
import { answerParsed } from './internal/node-exchange.ts'
import type { ParsedRequest } from './internal/node-exchange.ts'
import { basePath, pathBelow } from './internal/prefix.ts'
import { asksForWebSocket, Upgrades } from './internal/upgrades.ts'

export interface NodeOptions {
  /** The path byok answers under, such as `/ai`, where the host does not cut it off. Default: none. */
  prefix?: string | undefined
}

/**
 * A byok as the listener of `http.createServer`, or as a function of a host that hands over Node's requests: Nuxt, API routes of Next.js,
 * Google's Cloud Functions and Firebase, some of which read bodies before, and all of which wait for what it returns.
 */
export function toNodeHandler(byok: Byok, { prefix = '' }: NodeOptions = {}): RequestListener {
  assertByok(byok)
  const base = basePath(prefix)
  return (request: ParsedRequest, response): unknown => {
    // Of all that may stand in a path's place (`*`, a whole URL) byok sees to it itself.
    if (base === '') return answered(byok, request, response)
    const path = pathBelow(base, request.url ?? '/')
    if (path !== undefined) return answered(byok, request, response, { path, base })
    return response.writeHead(404, { 'content-type': 'text/plain;charset=UTF-8' }).end('Not Found')
  }
}

async function answered(...args: Parameters<typeof answerParsed>): Promise<void> {
  const [, , response] = args
  // There is nobody to tell.
  await answerParsed(...args).catch(() => response.destroy())
}

export interface UpgradeOptions {
  /** The path byok answers under, such as `/ai`. Default: byok's own paths at the root. */
  prefix?: string | undefined
}

/** Takes the WebSockets that are byok's, and tells whether this one is. */
export interface UpgradeHandler {
  (request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /**
   * Lets running answers end for up to `timeout` milliseconds (default: the config's `server.shutdown_timeout`), then ends its
   * WebSockets. `byok.close()` ends them at once.
   */
  close(timeout?: number): Promise<void>
}

/**
 * A byok's WebSockets on a server of the host's own, whichever way byok's other requests come there:
 * `server.on('upgrade', upgradeHandler(byok, { prefix: '/ai' }))`. Those on other paths are left alone.
 */
export function upgradeHandler(byok: Byok, { prefix = '' }: UpgradeOptions = {}): UpgradeHandler {
  assertByok(byok)
  const base = basePath(prefix)
  const upgrades = new Upgrades(byok)
  const take = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    const path = pathBelow(base, request.url ?? '/')
    const ours = path !== undefined && (base !== '' || byok.serves(path.split('?', 1)[0] ?? ''))
    if (!ours || !asksForWebSocket(request)) return false
    upgrades.take(request, socket, head, path)
    return true
  }
  return Object.assign(take, {
    close: (timeout = byok.config.server.shutdown_timeout) => upgrades.close(timeout),
  })
}

export interface AttachOptions {
  /** The path byok answers under, such as `/ai`. The server's other listeners get everything else. */
  prefix: string
}

/**
 * Puts a byok under a path of an HTTP server that is there already, whatever else it serves. WebSockets under that path are byok's
 * too. The server's listeners, whenever they are added, get all else and nothing of this.
 *
 * @returns A function that takes it off again.
 */
export function attach(server: Server, byok: Byok, { prefix }: AttachOptions): () => void {
  const base = basePath(prefix)
  if (base === '') throw new TypeError("prefix must name a path, such as /ai: the root is the server's own")
  return addMount(server, { base, handler: toNodeHandler(byok), takeSocket: upgradeHandler(byok, { prefix: base }) })
}
