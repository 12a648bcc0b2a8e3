import cluster from 'node:cluster'
import { X509Certificate } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { getRandomPort } from 'get-port-please'
import { toNodeHandler } from 'h3/node'
import type { Byok } from '../core/byok.ts'
import { addressOf, bareHost } from '../core/address.ts'
import type { Config } from '../core/config/index.ts'
import { endAnswers } from '../core/routes/client-gone.ts'
import { isLoopback } from '../core/routes/guard.ts'
import { assertByok } from './internal/assert-byok.ts'
import { readCertificate } from './internal/certificate.ts'
import type { Certificate } from './internal/certificate.ts'
import { openPort } from './internal/open-port.ts'
import { ListenError } from './internal/listen-error.ts'
import { noAddress, opens, refusalOf } from './internal/refusal.ts'
import type { Refusal } from './internal/refusal.ts'
import { answerAsRequest, asksForWebSocket, upgradeOnlyWebSockets, Upgrades } from './internal/upgrades.ts'
import { codeOf, faultOf, reasonOf } from '../core/log/fault.ts'
import { runHook } from '../core/hooks.ts'

export { ListenError }

export interface ListenOptions {
  /** Default: the config's `port`. 0 takes a free one. */
  port?: number | undefined
  /** Default: the config's `host`. */
  host?: string | undefined
  /** Serve https, with a certificate made now unless config's `server.tls` names one. Default: as `server.tls` says. */
  https?: boolean | undefined
  /** For a worker of node:cluster: where others of it listen already, and with which certificate. Counts more than `port`. */
  peer?: { port: number; certificate?: Certificate } | undefined
}

/** A byok that listens. */
export interface Listening {
  /** Such as `http://localhost:8018`. */
  url: string
  port: number
  host: string
  /** SHA-256 of the certificate that was made for `server.tls: true`. */
  fingerprint?: string
  /** That certificate and its key, for peers. Secret. */
  certificate?: Certificate
  /**
   * Stops listening, lets running answers end for up to `timeout` milliseconds (default: the config's
   * `server.shutdown_timeout`), then ends them with an error; clients of WebSockets are told. What is still there a second later is
   * cut. Does not close the byok.
   */
  close(timeout?: number): Promise<void>
}

/**
 * Serves a byok on a port of its own.
 *
 * @throws {ListenError} when the port is taken, the address is not this machine's, or it is open to others without keys.
 */
export async function listen(byok: Byok, options: ListenOptions = {}): Promise<Listening> {
  assertByok(byok)
  const { peer } = options
  const port = peer?.port ?? options.port ?? byok.config.port
  const host = bareHost(options.host ?? byok.config.host)
  const { tls: configured } = byok.config.server
  const tls = configured || (options.https ?? false)
  refuse(refusalOf({ host, port }, byok.config, byok.clients))
  // The last key may be revoked while byok runs: that must not open it either.
  if (!isLoopback(host)) byok.clients.require()
  const handler = toNodeHandler(byok.app)
  const answer: RequestListener = (request, response) => void handler(request, response)
  // Workers of node:cluster find each other's port by its number, which must not be 0 then.
  const at = { port: port === 0 && cluster.isWorker ? await getRandomPort(host) : port, host }
  const certificate = peer?.certificate ?? (typeof tls === 'object' ? await readCertificate(tls) : undefined)
  // What makes certificates takes as long to load as all the rest of a start.
  const open =
    tls === true && !peer
      ? import('./internal/open-https.ts').then(({ openHttps }) => openHttps(answer, at))
      : openPort(answer, at, certificate)
  const listener = await open.catch((error: unknown) => {
    throw listenError(error, host, port)
  })
  const { server } = listener
  server.keepAliveTimeout = KEPT_MS
  // Node looks now and then: against those who never end their headers, or a body that no route reads. Bodies are timed exactly.
  // Where listhen has made the server, that is every 30 s.
  const limit = ({ server: { request_timeout: timeout } }: Config) => {
    server.headersTimeout = timeout === 0 ? HEADERS_TIMEOUT : Math.min(timeout, HEADERS_TIMEOUT)
    server.requestTimeout = timeout
  }
  limit(byok.config)
  const unhook = byok.hooks.hook('config', (config) => {
    // A later config may not take the keys away either.
    refuse(opens(host, config, byok.clients))
    limit(config)
  })
  const upgrades = new Upgrades(byok)
  upgradeOnlyWebSockets(server)
  server.on('upgrade', (request, socket, head) => {
    if (!asksForWebSocket(request)) {
      answerAsRequest(server, request, socket, head)
      return
    }
    upgrades.take(request, socket, head)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new ListenError(`Cannot tell the port of ${host}:${port}`)
  const generated =
    tls === true && listener.https ? { cert: String(listener.https.cert), key: String(listener.https.key) } : undefined
  return {
    url: addressOf({ host, port: address.port, secure: tls !== false }),
    port: address.port,
    host,
    ...(generated && { certificate: generated, fingerprint: new X509Certificate(generated.cert).fingerprint256 }),
    async close(timeout = byok.config.server.shutdown_timeout) {
      unhook()
      const hookFailed = (error: unknown) => byok.logger.error('a hook failed', { fault: faultOf(error) })
      const more: Promise<unknown>[] = []
      const waitUntil = (work: Promise<unknown>) => void more.push(work.catch(hookFailed))
      await runHook(byok.hooks, 'stop', { timeout, waitUntil })?.catch(hookFailed)
      let cut = setTimeout(() => {
        cut = setTimeout(() => server.closeAllConnections(), endAnswers(server) ? GOODBYE_MS : 0)
      }, timeout)
      try {
        await Promise.all([listener.close(), upgrades.close(timeout), ...more])
      } finally {
        clearTimeout(cut)
      }
    },
  }
}

/** For clients to take the error that their answers end with. */
const GOODBYE_MS = 1000

/**
 * How long a client's connection may lie idle: for longer than clients keep theirs, lest one sends a request by a connection that is closed
 * at that moment. Rust's hyper, which Codex is made with, keeps them for 90 s whatever is answered (duolahypercho/codex-router pull request 165),
 * and so does Go; proxies before byok for 60 s (nginx) to 120 s (Caddy). Node's own is 5 s.
 */
const KEPT_MS = 125_000

/** Headers are small: whoever takes longer for them has no other aim. */
const HEADERS_TIMEOUT = 30_000

/** @throws {ListenError} of the settings */
function refuse(refusal: Refusal | undefined): void {
  if (refusal) throw new ListenError(wordsOf(refusal), { setting: true })
}

function wordsOf({ message, fix }: Refusal): string {
  return `${message} ${fix}`
}

function listenError(error: unknown, host: string, port: number): ListenError {
  const code = codeOf(error)
  const text = reasonOf(error)
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
      return new ListenError(wordsOf(noAddress(host)))
    default:
      return new ListenError(`Cannot listen on ${host}:${port}: ${text}`, { cause: error })
  }
}
