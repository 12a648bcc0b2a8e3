// By its file: the bare name is, on Bun, an imitation that has not all of these.
import { EnvHttpProxyAgent, Pool, ProxyAgent, Socks5ProxyAgent } from 'undici/index.js'
import type { Dispatcher } from 'undici'

/** How long undici waits for what, in milliseconds. */
export interface Waits {
  connect: { timeout: number }
  keepAliveTimeout: number
  headersTimeout: number
  bodyTimeout: number
}

/** The way through the proxy at a URL: `http:`, `https:` or `socks5:`. */
export function throughProxy(url: string, waits: Waits): Dispatcher {
  if (!/^socks/i.test(url)) return new ProxyAgent({ uri: url, ...optionsOf(waits) })
  const { headersTimeout, bodyTimeout } = waits
  // undici does not hand the agent's own on to its connections.
  return new Socks5ProxyAgent(url).compose(
    (dispatch) => (options, handler) => dispatch({ ...options, headersTimeout, bodyTimeout }, handler),
  )
}

/**
 * Through the proxies of the environment, or past them where it says so. All three are named, an empty one too, for else it looks into
 * this process' own environment.
 */
export function throughEnvProxies(
  proxies: Required<Pick<EnvHttpProxyAgent.Options, 'httpProxy' | 'httpsProxy' | 'noProxy'>>,
  waits: Waits,
): Dispatcher {
  return new EnvHttpProxyAgent({ ...optionsOf(waits), ...proxies })
}

function optionsOf(waits: Waits): Omit<ProxyAgent.Options, 'uri'> {
  const { connect } = waits
  return {
    ...waits,
    proxyTls: connect,
    requestTls: connect,
    // Of a proxy that accepts the connection and then says nothing, undici has patience for 300 s.
    clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: connect.timeout }),
  }
}
