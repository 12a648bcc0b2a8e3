import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { toNodeHandler } from 'h3/node'
import { listen as listhen } from 'listhen'
import type { Byok } from '../core/byok.ts'
import type { Config } from '../core/config/index.ts'
import { isLoopback } from '../core/routes/guard.ts'
import { ListenError } from './internal/listen-error.ts'

export { ListenError }

/** What listhen takes for a host; for anything else it would listen on every address of the machine. */
const LISTHEN_HOST = /^(?!-)[\d.:A-Za-z-]{1,63}(?<!-)$/

/** Hosts that a client on this machine reaches by the name localhost. */
const LOCALHOST = ['localhost', '127.0.0.1', '0.0.0.0', '::']

export interface ListenOptions {
  /** Default: the config's `port`. 0 takes a free one. */
  port?: number
  /** Default: the config's `host`. */
  host?: string
}

/** A byok that listens. */
export interface Listening {
  /** Such as `http://localhost:8018`. */
  url: string
  port: number
  host: string
  /**
   * Stops listening, lets running answers end for up to `timeout` milliseconds (default: the config's
   * `server.shutdown_timeout`), then cuts what is left. Does not close the byok.
   */
  close(timeout?: number): Promise<void>
}

/**
 * Serves a byok on a port of its own.
 *
 * @throws {ListenError} when the port is taken, the address is not this machine's, or it is open to others without keys.
 */
export async function listen(byok: Byok, options: ListenOptions = {}): Promise<Listening> {
  const port = options.port ?? byok.config.port
  const host = (options.host ?? byok.config.host).replace(/^\[(.*)\]$/, '$1')
  const refuseOpen = ({ server }: Config) => {
    if (isLoopback(host) || server.keys.length > 0) return
    throw new ListenError(
      `Listening on ${host} would open your accounts to everyone who can reach this machine. Set server.keys first, or listen on 127.0.0.1.`,
    )
  }
  refuseOpen(byok.config)
  if (!LISTHEN_HOST.test(host)) throw new ListenError(noAddress(host))
  const handler = toNodeHandler(byok.app)
  const answer: RequestListener = (request, response) => {
    keepSocket(request, response)
    // After listhen's own listeners have seen the request.
    queueMicrotask(() => void handler(request, response))
  }
  const listener = await listhen(answer, {
    // listhen would else move to another port when this one is taken: clients would talk to the wrong server. A range of 0,
    // though, it takes for 3000.
    port:
      port === 0
        ? { port, random: true }
        : { port, ports: [], portRange: [port, port], alternativePortRange: [port, port] },
    hostname: host,
    public: !isLoopback(host),
    showURL: false,
    // It says less then.
    isTest: true,
    isProd: true,
    autoClose: false,
  }).catch(async (error: unknown) => {
    throw listenError((await whyNot(port, host)) ?? error, host, port)
  })
  // A later config may not take the keys away either.
  const unhook = byok.hooks.hook('config', refuseOpen)
  const { server } = listener
  const address = server.address()
  if (address === null || typeof address === 'string') throw new ListenError(`Cannot tell the port of ${host}:${port}`)
  // listhen passes over such ports, for one that nobody asked for.
  if (port !== 0 && address.port !== port) {
    unhook()
    await listener.close()
    throw new ListenError(
      `Web clients refuse to call port ${port} (https://fetch.spec.whatwg.org/#port-blocking). Pick another with \`byok serve -p PORT\`.`,
    )
  }
  const shown = LOCALHOST.includes(host) ? 'localhost' : host
  return {
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${address.port}`,
    port: address.port,
    host,
    async close(timeout = byok.config.server.shutdown_timeout) {
      unhook()
      const cut = setTimeout(() => server.closeAllConnections(), timeout)
      try {
        await listener.close()
      } finally {
        clearTimeout(cut)
      }
    },
  }
}

/**
 * listhen's way to stop looks for a request's socket once it is answered, and ends the process where it finds none: a route
 * that somebody added to byok's app may have cancelled the request's body, which takes the socket away.
 */
function keepSocket(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request
  response.once('finish', () => void (request.socket = socket))
}

/** What the system says to listening there; listhen tells only that it cannot. */
async function whyNot(port: number, host: string): Promise<unknown> {
  const probe = createServer()
  try {
    return await new Promise((resolve) => {
      probe.once('error', resolve)
      probe.listen(port, host, () => resolve(undefined))
    })
  } finally {
    probe.close()
  }
}

function noAddress(host: string): string {
  return `${host} is no address of this machine. Listen on 127.0.0.1, or on one of its own.`
}

function listenError(error: unknown, host: string, port: number): ListenError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const text = error instanceof Error ? error.message : String(error)
  const otherPort = 'pick another with `byok serve -p PORT`'
  switch (code) {
    case 'EADDRINUSE':
      return new ListenError(
        `Port ${port} on ${host} is taken. Stop what listens there (another byok?), or ${otherPort}.`,
      )
    case 'EACCES':
      return new ListenError(`This user may not listen on port ${port}: ${otherPort}, above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError(noAddress(host))
    default:
      return new ListenError(`Cannot listen on ${host}:${port}: ${text}`, { cause: error })
  }
}
