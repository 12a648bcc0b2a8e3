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

/** The way through the proxy at a URL: `http:`, `https:`, or one of SOCKS5. */
export function throughProxy(url: string, waits: Waits): Dispatcher {
  if (!isSocks(url)) return new ProxyAgent({ uri: url, ...optionsOf(waits) })
  return withWaits(new Socks5ProxyAgent(asSocks5(url)), waits)
}

/**
 * Through the proxies of the environment, or past them where it says so. All three are named, an empty one too, for else it looks into
 * this process' own environment.
 */
export function throughEnvProxies(
  { httpProxy, httpsProxy, noProxy }: Required<Pick<EnvHttpProxyAgent.Options, 'httpProxy' | 'httpsProxy' | 'noProxy'>>,
  waits: Waits,
): Dispatcher {
  const proxies = { httpProxy: asSocks5(httpProxy), httpsProxy: asSocks5(httpsProxy), noProxy }
  if (!isSocks(httpProxy) && !isSocks(httpsProxy)) return new EnvHttpProxyAgent({ ...optionsOf(waits), ...proxies })
  // To a SOCKS5 proxy undici speaks TLS where it is told anything of that.
  const { proxyTls: _, ...options } = optionsOf(waits)
  return withWaits(new EnvHttpProxyAgent({ ...options, ...proxies }), waits)
}

/** SOCKS5 as it is written: curl has `socks5h` for names that the proxy looks up, as undici always has it do. */
const SOCKS = /^socks(?:5h?)?:/i

function isSocks(url: string): boolean {
  return SOCKS.test(url)
}

function asSocks5(url: string): string {
  return url.replace(SOCKS, 'socks5:')
}

/** undici does not hand the time-outs of an agent for SOCKS5 on to its connections. */
function withWaits(agent: Dispatcher, { headersTimeout, bodyTimeout }: Waits): Dispatcher {
  return agent.compose(
    (dispatch) => (options, handler) => dispatch({ ...options, headersTimeout, bodyTimeout }, handler),
  )
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
