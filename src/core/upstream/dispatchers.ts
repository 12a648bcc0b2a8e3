// By its file: the bare name is, on Bun, an imitation that has not all of these.
import { Agent, EnvHttpProxyAgent, Pool, ProxyAgent, Socks5ProxyAgent } from 'undici/index.js'
import type { Dispatcher, ProxyAgent as Proxies } from 'undici'
import { Connections } from './connections.ts'
import type { Secret } from '../secret.ts'
import type { Environment, TransportTimeouts } from './transport.ts'

/**
 * Milliseconds that a connection may lie idle, as with Go's `http.DefaultTransport` and Rust's reqwest, which Codex uses: undici's own 4 s
 * would have nearly every turn of an agent wait for a new one. A server that names a shorter time (`keep-alive: timeout=`) counts more.
 */
const IDLE_MS = 90_000

/** The connections to providers: one pool for all that go out directly, and one for each proxy. */
export class Dispatchers {
  readonly connections = new Connections()
  readonly #options: Agent.Options & Omit<Proxies.Options, 'uri'>
  readonly #env: Environment
  readonly #proxies = new Map<string, Dispatcher>()
  /** Those that finish what is under way. */
  readonly #leaving = new Set<Dispatcher>()
  #direct: Dispatcher | undefined
  #usedAt = 0

  constructor(timeouts: TransportTimeouts, env: Environment) {
    this.#env = env
    const connect = { timeout: timeouts.connect_timeout }
    this.#options = {
      connect,
      proxyTls: connect,
      requestTls: connect,
      // Of a proxy that accepts the connection and then says nothing, undici has patience for 300 s.
      clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: connect.timeout }),
      keepAliveTimeout: IDLE_MS,
      headersTimeout: timeouts.response_timeout,
      bodyTimeout: timeouts.idle_timeout,
    }
  }

  /** The dispatcher for a proxy's URL (`http:`, `https:`, `socks5:`), or for none. */
  for(proxy: Secret | undefined): Dispatcher {
    const now = Date.now()
    if (now - this.#usedAt > IDLE_MS) this.#leave()
    this.#usedAt = now
    if (!proxy) return (this.#direct ??= this.#createDirect())
    const url = proxy.reveal()
    let dispatcher = this.#proxies.get(url)
    if (!dispatcher) {
      dispatcher = /^socks/i.test(url)
        ? new Socks5ProxyAgent(url, {
            headersTimeout: this.#options.headersTimeout,
            bodyTimeout: this.#options.bodyTimeout,
          })
        : new ProxyAgent({ uri: url, ...this.#options })
      this.#proxies.set(url, dispatcher)
    }
    return dispatcher
  }

  async close(): Promise<void> {
    this.#leave()
    this.connections.close()
    await Promise.all([...this.#leaving].map((dispatcher) => dispatcher.destroy()))
  }

  /**
   * Uses none of the connections again. While a machine sleeps its timers stand still, so that after it connections are kept whose other end,
   * or whose own network, is long gone; only the clock on the wall tells.
   */
  #leave(): void {
    const all = [...this.#proxies.values(), ...(this.#direct ? [this.#direct] : [])]
    this.#proxies.clear()
    this.#direct = undefined
    for (const dispatcher of all) {
      this.#leaving.add(dispatcher)
      void dispatcher.close().finally(() => this.#leaving.delete(dispatcher))
    }
  }

  /** Without a proxy of its own a request goes the way the environment names, as with curl. */
  #createDirect(): Dispatcher {
    const named = (name: string) => this.#env[name] || this.#env[name.toUpperCase()] || ''
    const [httpProxy, httpsProxy] = [named('http_proxy'), named('https_proxy')]
    if (!httpProxy && !httpsProxy) return new Agent(this.#options)
    // Where it is not told of one, it looks into this process' own environment.
    return new EnvHttpProxyAgent({ ...this.#options, httpProxy, httpsProxy, noProxy: named('no_proxy') })
  }
}
