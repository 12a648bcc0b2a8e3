import type { Dispatcher } from 'undici'
import { Connections } from './connections.ts'
import { envProxies } from './env-proxies.ts'
import type { Secret } from '../secrets/secret.ts'
import type { Waits } from './proxies.ts'
import type { Environment, TransportTimeouts } from './transport.ts'
import { loadAgent } from './undici-agent.ts'

/**
 * Milliseconds that a connection may lie idle, as with Go's `http.DefaultTransport` and Rust's reqwest, which Codex uses: undici's own 4 s
 * would have nearly every turn of an agent wait for a new one. A server that names a shorter time (`keep-alive: timeout=`) counts more.
 */
const IDLE_MS = 90_000

/** The connections to providers: one pool for all that go out directly, and one for each proxy. */
export class Dispatchers {
  readonly connections = new Connections()
  readonly #waits: Waits
  readonly #env: Environment
  readonly #proxies = new Map<string, Promise<Dispatcher>>()
  /** Those that finish what is under way. */
  readonly #leaving = new Set<Dispatcher | Promise<Dispatcher>>()
  #direct: Dispatcher | Promise<Dispatcher> | undefined
  #usedAt = 0

  constructor(timeouts: TransportTimeouts, env: Environment) {
    this.#env = env
    this.#waits = {
      connect: { timeout: timeouts.connect_timeout },
      keepAliveTimeout: IDLE_MS,
      headersTimeout: timeouts.response_timeout,
      bodyTimeout: timeouts.idle_timeout,
    }
  }

  /** The dispatcher for a proxy's URL (`http:`, `https:`, `socks5:`), or for none. */
  for(proxy: Secret | undefined): Dispatcher | Promise<Dispatcher> {
    const now = Date.now()
    if (now - this.#usedAt > IDLE_MS) this.#leave()
    this.#usedAt = now
    if (!proxy) return this.#direct ?? this.#openDirect()
    const url = proxy.reveal()
    let dispatcher = this.#proxies.get(url)
    if (!dispatcher) {
      dispatcher = import('./proxies.ts').then(({ throughProxy }) => throughProxy(url, this.#waits))
      this.#proxies.set(url, dispatcher)
    }
    return dispatcher
  }

  async close(): Promise<void> {
    this.#leave()
    this.connections.close()
    await Promise.allSettled([...this.#leaving].map(async (dispatcher) => (await dispatcher).destroy()))
  }

  /**
   * Uses none of the connections again. While a machine sleeps its timers stand still, so that after it connections are kept whose other end,
   * or whose own network, is long gone; only the clock on the wall tells.
   */
  #leave(): void {
    const all = [...this.#proxies.values(), ...(this.#direct ? [this.#direct] : [])]
    this.#proxies.clear()
    this.#direct = undefined
    for (const dispatcher of all) void this.#close(dispatcher)
  }

  async #close(dispatcher: Dispatcher | Promise<Dispatcher>): Promise<void> {
    this.#leaving.add(dispatcher)
    // One that could not be made was told of where it was asked for.
    await Promise.resolve(dispatcher)
      .then((made) => made.close())
      .catch(() => {})
    this.#leaving.delete(dispatcher)
  }

  #openDirect(): Promise<Dispatcher> {
    const direct = this.#createDirect()
    this.#direct = direct
    // Requests from then on wait for nothing.
    direct.then(
      (made) => {
        if (this.#direct === direct) this.#direct = made
      },
      () => {},
    )
    return direct
  }

  /** Without a proxy of its own a request goes the way the environment names, as with curl. */
  async #createDirect(): Promise<Dispatcher> {
    const { http, https, none } = envProxies(this.#env)
    if (!http && !https) return new (await loadAgent())(this.#waits)
    const proxies = { httpProxy: http?.url ?? '', httpsProxy: https?.url ?? '', noProxy: none }
    return (await import('./proxies.ts')).throughEnvProxies(proxies, this.#waits)
  }
}
