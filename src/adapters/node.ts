import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { toNodeHandler as h3NodeHandler } from 'h3/node'
import type { Byok } from '../core/byok.ts'
import { assertByok } from './internal/assert-byok.ts'
import { addMount } from './internal/mounts.ts'
import { answerParsed } from './internal/node-exchange.ts'
import type { ParsedRequest } from './internal/node-exchange.ts'
import { basePath, pathBelow } from './internal/prefix.ts'
import { asksForWebSocket, Upgrades } from './internal/upgrades.ts'

/**
 * A byok as the listener of `http.createServer`, or as a function of Google's Cloud Functions and Firebase, whose framework reads
 * bodies before.
 */
export function toNodeHandler(byok: Byok): RequestListener {
  assertByok(byok)
  const handler = h3NodeHandler(byok.app)
  return (request: ParsedRequest, response) => {
    if (request.body === undefined && request.rawBody === undefined) void handler(request, response)
    // There is nobody to tell.
    else answerParsed(byok, request, response).catch(() => response.destroy())
  }
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
