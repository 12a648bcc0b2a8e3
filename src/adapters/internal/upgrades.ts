import type { NodeAdapter } from 'crossws/adapters/node'
import type { Hooks, Peer } from 'crossws'
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TLSSocket } from 'node:tls'
import { NodeRequest } from 'srvx/node'
import type { Byok } from '../../core/byok.ts'
import { reasonOf } from '../../core/log/fault.ts'
import { askForSocket, isHandshake } from '../../core/routes/socket.ts'
import type { OpenSocket, SocketSession } from '../../core/routes/socket.ts'
import type { UpstreamSocket } from '../../core/upstream/transport.ts'
import { LATE, within } from '../../core/async/waiting.ts'

/** More than this waiting for a client is more than Node's own socket takes before it tells of its drain. */
const MOST_BUFFERED = 64 * 1024
/** Idle for so long, it is found out whether a client is still there: one that fell asleep, or changed its network, ends no connection. */
const KEEP_ALIVE_MS = 30_000
/** How long a client may take to answer the end of its connection. */
const GOODBYE_MS = 1000
/** How long a client may take to end a connection that was refused. */
const REFUSED_MS = 5000
/** RFC 6455, 7.4.1 */
const GOING_AWAY = 1001

interface Connection {
  peer: Peer
  session: SocketSession
  closed: Promise<void>
}

/** The WebSockets of a byok on Node: takes them from `upgrade` events, and ends them. */
export class Upgrades {
  readonly #byok: Byok
  readonly #open = new Set<Connection>()
  /** By the largest frame they take: a new config may have another. crossws is loaded with the first. */
  readonly #adapters = new Map<number, Promise<NodeAdapter>>()
  readonly #hooks = new WeakMap<Request, Partial<Hooks>>()
  readonly #unhook: () => void
  /** The clients of those that byok passes on: it cannot end them but by cutting them. */
  readonly #tunnels = new Set<Duplex>()
  #closing = false

  constructor(byok: Byok) {
    this.#byok = byok
    this.#unhook = byok.hooks.hook('close', () => this.close(0))
  }

  /** Answers one `upgrade` event: with a WebSocket, or with the error that a request would get. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer, path?: string): void {
    // Nobody else listens until it is open, and a reset must not end the process.
    socket.on('error', () => socket.destroy())
    if (socket instanceof Socket) socket.setKeepAlive(true, KEEP_ALIVE_MS)
    this.#take(request, socket, head, path).catch((error: unknown) => {
      this.#byok.logger.error('a WebSocket could not be opened', { fault: reasonOf(error) })
      socket.destroy()
    })
  }

  /**
   * Lets what is under way end for up to `timeout` milliseconds, then tells the clients that byok goes away, and cuts those who do
   * not answer.
   */
  async close(timeout: number): Promise<void> {
    this.#closing = true
    this.#unhook()
    await Promise.all(Array.from(this.#open, (connection) => end(connection, timeout)))
    for (const client of this.#tunnels) client.destroy()
  }

  async #take(request: IncomingMessage, socket: Duplex, head: Buffer, path: string | undefined): Promise<void> {
    const { url } = request
    if (path !== undefined) request.url = path
    const web = new NodeRequest({ req: request })
    // Its address is made when it is first read; the host's own comes back after, for the host's logs.
    void web.url
    request.url = url
    const { taken, answer } = await askForSocket(this.#byok.app, web)
    if (!taken || this.#closing) {
      if (taken && 'tunnel' in taken) taken.tunnel.socket.destroy()
      await refuse(socket, taken ? new Response(null, { status: 503 }) : answer)
      return
    }
    if ('tunnel' in taken) {
      await this.#join(taken.tunnel, socket, head)
      return
    }
    this.#hooks.set(web, this.#hooksFor(taken.open, answer.headers.get('x-request-id')))
    const adapter = await this.#adapter(this.#byok.config.server.max_body_bytes)
    await adapter.handleUpgrade(request, socket, head, web)
  }

  /** Joins a client and the server that byok asked for it, until one of them ends. */
  async #join({ headers, socket: server }: UpstreamSocket, client: Duplex, head: Buffer): Promise<void> {
    client.write(headOf(101, headers, 'upgrade: websocket\r\nconnection: Upgrade'))
    if (head.length > 0) server.write(head)
    this.#tunnels.add(client)
    // Either may break at any time; then so does the other.
    await Promise.all([pipeline(client, server), pipeline(server, client)]).catch(() => {})
    server.destroy()
    client.destroy()
    this.#tunnels.delete(client)
  }

  #adapter(maxPayload: number): Promise<NodeAdapter> {
    const known = this.#adapters.get(maxPayload)
    if (known) return known
    const loading = import('crossws/adapters/node').then(({ default: nodeAdapter }) =>
      nodeAdapter({
        serverOptions: { maxPayload },
        resolve: (request) => this.#hooks.get(request) ?? {},
      }),
    )
    this.#adapters.set(maxPayload, loading)
    return loading
  }

  #hooksFor(open: OpenSocket, id: string | null): Partial<Hooks> {
    let onClosed = () => {}
    const closed = new Promise<void>((resolve) => {
      onClosed = resolve
    })
    let waiting: (() => void)[] = []
    let connection: Connection | undefined
    let gone = false
    const resume = () => {
      const all = waiting
      waiting = []
      for (const go of all) go()
    }
    return {
      upgrade: () => (id === null ? undefined : { headers: { 'x-request-id': id } }),
      open: (peer) => {
        const session = open({
          send: (text) => {
            if (gone || Number(peer.send(text)) <= MOST_BUFFERED) return Promise.resolve()
            return new Promise((resolve) => waiting.push(resolve))
          },
          cut: () => peer.terminate(),
        })
        connection = { peer, session, closed }
        this.#open.add(connection)
        if (this.#closing) void end(connection, 0)
      },
      message: (_, { rawData }) => connection?.session.message(typeof rawData === 'string' ? rawData : undefined),
      drain: resume,
      close: () => {
        gone = true
        if (connection) this.#open.delete(connection)
        connection?.session.gone()
        resume()
        onClosed()
      },
    }
  }
}

async function end({ peer, session, closed }: Connection, timeout: number): Promise<void> {
  await within(session.end(), timeout)
  session.gone()
  peer.close(GOING_AWAY, 'byok is going away')
  if ((await within(closed, GOODBYE_MS)) === LATE) peer.terminate()
}

/** Answers a handshake as a request, after which the connection ends. */
async function refuse(socket: Duplex, { status, headers, body }: Response): Promise<void> {
  socket.write(headOf(status, headers, 'connection: close'))
  // What the client sends meanwhile is nobody's.
  socket.resume()
  // A path that takes no WebSockets may answer with a stream, for as long as its client stays.
  if (body) await pipeline(Readable.fromWeb(body), socket).catch(() => {})
  else socket.end()
  const timer = setTimeout(() => socket.destroy(), REFUSED_MS)
  socket.once('close', () => clearTimeout(timer))
  if (socket.destroyed) clearTimeout(timer)
}

/** The head of an answer, as HTTP/1.1 writes it. @param last its last line or lines */
function headOf(status: number, headers: Headers, last: string): string {
  const lines = Array.from(headers, ([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}${last}\r\n\r\n`
}

/** Whether a request asks for a WebSocket, as opposed to another protocol. */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return isHandshake(method, headers.upgrade)
}

/**
 * Has a server that serves byok alone take no other upgrades: from 24.9 on, Node asks which requests are some, and those that are
 * not go their way, body and all. For those before, there is {@link answerAsRequest}.
 */
export function upgradeOnlyWebSockets(server: Server): void {
  if (!('shouldUpgradeCallback' in server)) return
  const passedOver = new WeakSet<IncomingMessage>()
  const shouldUpgradeCallback = (request: IncomingMessage) => {
    const takes = asksForWebSocket(request)
    if (!takes) passedOver.add(request)
    return takes
  }
  Object.assign(server, { shouldUpgradeCallback })
  // Node reads no further request from such a connection: a client that sends one would wait for as long as it is kept.
  server.prependListener('request', (request, response) => {
    if (passedOver.has(request)) response.shouldKeepAlive = false
  })
}

/**
 * Gives a request that asks for a protocol nobody here speaks back to its server, without the question: a server may pass that over
 * (RFC 9110, 7.8), and did while nobody listened to `upgrade`. Java's HTTP client, for one, asks for h2c with each request.
 */
export function answerAsRequest(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (!/^(?:upgrade|connection|http2-settings)$/i.test(name)) text += `${name}: ${rawHeaders[at + 1] ?? ''}\r\n`
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]))
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket)
}
