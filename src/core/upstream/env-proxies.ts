import type { Environment } from './transport.ts'

/** A proxy that a variable of the environment names. */
export interface EnvProxy {
  url: string
  /** The variable's name, as it is spelt there. */
  variable: string
}

/** Where an environment has requests go: by the protocol of what is asked, and what is asked past all of them. */
export interface EnvProxies {
  http: EnvProxy | undefined
  https: EnvProxy | undefined
  /** As `no_proxy` has them. */
  none: string
}

/**
 * The proxies that an environment names, as curl and what Codex is made with read them: `all_proxy` is for what has none of its own, and an
 * address without a scheme is an HTTP proxy's. People have either set for all their tools (google-gemini/gemini-cli issue 4965, heymaikol/network-doctor
 * issue 11).
 *
 * @see https://curl.se/docs/manpage.html "ENVIRONMENT"
 */
export function envProxies(env: Environment): EnvProxies {
  const all = namedIn(env, 'all_proxy')
  const [http, https] = [namedIn(env, 'http_proxy') ?? all, namedIn(env, 'https_proxy') ?? all]
  const none = namedIn(env, 'no_proxy', (text) => text)?.url ?? ''
  // Who means all by it means the world, and not the models of this machine (NousResearch/hermes-agent pull request 5834).
  return { http, https, none: all && http === all && none !== '*' ? `${none},${LOOPBACK}` : none }
}

const LOOPBACK = 'localhost,127.0.0.1,[::1]'

function namedIn(env: Environment, name: string, read = withScheme): EnvProxy | undefined {
  for (const variable of [name, name.toUpperCase()]) {
    const text = env[variable]?.trim()
    if (text) return { url: read(text), variable }
  }
  return undefined
}

function withScheme(text: string): string {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
}
