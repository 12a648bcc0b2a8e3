import { networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'
import type { Listening } from '../adapters/listen.ts'
import { addressOf } from '../core/address.ts'
import { credentialsOf, howToSignIn, signedInBy } from '../core/auth/credentials.ts'
import type { Byok } from '../core/byok.ts'
import type { Provider } from '../core/registry.ts'
import { version } from '../core/version.ts'

/** A provider at the start. */
type Readiness = { name: string } & (
  | { state: 'ready'; kind: 'oauth' | 'api_key'; account: string; models: number; source?: string }
  | { state: 'needs_login'; hint: string }
  | { state: 'disabled' }
)

/** Who is ready, and what the others need; never a secret. */
async function readinessOf(byok: Byok): Promise<Readiness[]> {
  return await Promise.all(
    byok.registry.providers.map(async (provider): Promise<Readiness> => {
      const { name, config, models } = provider
      if (!config.enabled) return { name, state: 'disabled' }
      const [credential] = await credentialsOf(provider, byok.store)
      if (!credential) return { name, state: 'needs_login', hint: howToSignIn(provider) }
      const { kind, account } = credential
      return { name, state: 'ready', kind, account, models: models.size, ...sourceOf(byok, provider, kind) }
    }),
  )
}

function sourceOf(byok: Byok, { name }: Provider, kind: 'oauth' | 'api_key'): { source?: string } {
  const source = kind === 'api_key' ? byok.sources.get(`providers.${name}.api_key`) : undefined
  return source === undefined ? {} : { source }
}

/** What `byok serve` says when it is up, to people. */
export async function banner(byok: Byok, listening: Omit<Listening, 'close'>): Promise<string> {
  const { url, fingerprint } = listening
  const providers = await readinessOf(byok)
  // Their lists are asked for when byok is up.
  const listing = new Set(byok.registry.providers.flatMap(({ name, plugin }) => (plugin.listModels ? [name] : [])))
  const lines = (state: Readiness['state']) =>
    providers.filter((one) => one.state === state).map((one) => lineOf(one, listing.has(one.name)))
  const ready = lines('ready')
  const trust = fingerprint === undefined ? [] : [`Its certificate was made now; SHA-256: ${fingerprint}`]
  const page = byok.config.ui ? [`Its page, in a browser: ${url}/ui`] : []
  const others = otherAddresses(listening).map((address) => `From other machines: ${address}/v1`)
  if (others.length > 0 && byok.config.server.allowed_hosts.length === 0)
    others.push('By a name of this machine once `server.allowed_hosts` has it.')
  const all = [
    `byok ${version} is ready at ${url}/v1`,
    ...others,
    ...page,
    ...trust,
    '',
    ...ready,
    ...lines('needs_login'),
  ]
  all.push(...lines('disabled'))
  if (ready.length === 0) all.push('', 'No provider is ready yet: every chat request will be refused until one is.')
  return `${all.join('\n')}\n\n`
}

/** Where other machines find byok that listens on every address of this one. */
export function otherAddresses(
  { url, host, port }: Pick<Listening, 'url' | 'host' | 'port'>,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): string[] {
  if (host !== '0.0.0.0' && host !== '::') return []
  const addresses = Object.values(interfaces).flatMap((entries) => entries ?? [])
  return addresses
    .filter(({ internal, family, address }) => {
      // One of its own link is no use without the name of that link.
      return !internal && (family === 'IPv4' || (host === '::' && !/^fe80:/i.test(address)))
    })
    .map(({ address }) => addressOf({ host: address, port, secure: url.startsWith('https:') }))
}

/** The same, to programs: a line of `serve --json`. */
export async function readyEvent(byok: Byok, { url, fingerprint }: Omit<Listening, 'close'>): Promise<object> {
  const providers = await readinessOf(byok)
  return { event: 'ready', url, version, pid: process.pid, fingerprint: fingerprint ?? null, providers }
}

/** @param lists whether it tells its models itself */
function lineOf(provider: Readiness, lists: boolean): string {
  const name = provider.name.padEnd(14)
  switch (provider.state) {
    case 'ready': {
      const { kind, account, source, models } = provider
      const from = kind === 'oauth' ? ` (${account})` : source === undefined ? '' : ` from ${source}`
      const offered = models === 0 && lists ? 'the models it lists' : `${models} ${models === 1 ? 'model' : 'models'}`
      return `  + ${name} ${signedInBy(provider)}${from}, ${offered}`
    }
    case 'needs_login':
      return `  ! ${name} ${provider.hint}`
    case 'disabled':
      return `  - ${name} disabled in config`
  }
}
