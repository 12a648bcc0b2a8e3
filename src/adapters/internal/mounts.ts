import { EventEmitter } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { Duplex } from 'node:stream'
import { noteBase } from '../../core/routes/base.ts'
import { pathBelow } from './prefix.ts'
import { answerAsRequest } from './upgrades.ts'

/** What answers below one path of a server. */
export interface Mount {
  /** As {@link basePath} gives it; never empty. */
  base: string
  handler: RequestListener
  /** Takes an `upgrade` event, or tells that it is another's. */
  takeSocket(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

/** The mounts of a server; they stand before its listeners and leave these alone, however they come and go. */
const mounts = new WeakMap<Server, Mounts>()

/** @returns A function that takes it off again, in whichever order others are. */
export function addMount(server: Server, mount: Mount): () => void {
  const known = mounts.get(server) ?? new Mounts(server)
  mounts.set(server, known)
  known.add(mount)
  return () => {
    known.remove(mount)
    if (known.empty && mounts.get(server) === known) mounts.delete(server)
  }
}

/**
 * Listeners cannot keep an event from each other, and those that a host adds later would answer byok's requests too. So it is
 * decided where the events are emitted.
 */
class Mounts {
  readonly #server: Server
  readonly #before: Server['emit']
  /** The last that was added counts first. */
  #mounts: Mount[] = []

  constructor(server: Server) {
    this.#server = server
    this.#before = server.emit.bind(server)
    server.emit = this.#emit
    // Node emits no `upgrade` where nobody listens to it.
    server.on('upgrade', this.#onForeignUpgrade)
  }

  get empty(): boolean {
    return this.#mounts.length === 0
  }

  add(mount: Mount): void {
    this.#mounts.unshift(mount)
  }

  remove(mount: Mount): void {
    this.#mounts = this.#mounts.filter((other) => other !== mount)
    if (!this.empty) return
    this.#server.off('upgrade', this.#onForeignUpgrade)
    // Where another has taken its place meanwhile, it passes all on.
    if (this.#server.emit === this.#emit) this.#server.emit = this.#before
  }

  readonly #emit = (event: string, ...args: unknown[]): boolean =>
    this.#taken(event, args) || this.#before(event, ...args)

  #taken(event: string, [request, answer, head]: unknown[]): boolean {
    if (!(request instanceof IncomingMessage)) return false
    if (event === 'request' && answer instanceof ServerResponse) return this.#takeRequest(request, answer)
    if (event !== 'upgrade' || !(answer instanceof Duplex) || !Buffer.isBuffer(head)) return false
    return this.#mounts.some(({ takeSocket }) => takeSocket(request, answer, head))
  }

  #takeRequest(request: IncomingMessage, response: ServerResponse & { req: IncomingMessage }): boolean {
    const { url = '/' } = request
    for (const { base, handler } of this.#mounts) {
      const path = pathBelow(base, url)
      if (path === undefined) continue
      request.url = path
      noteBase(request, base)
      // As an event of the server's class, which is where tracers look for requests.
      const { prototype } = this.#server.constructor as typeof Server
      const alone = new EventEmitter().on('request', handler)
      Reflect.apply(prototype.emit, alone, ['request', request, response])
      return true
    }
    if (this.#server.listenerCount('request') > 0 || this.empty) return false
    response.writeHead(404).end()
    return true
  }

  readonly #onForeignUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (this.#server.listenerCount('upgrade') === 1) answerAsRequest(this.#server, request, socket, head)
  }
}
