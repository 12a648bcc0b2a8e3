import type { Listening } from '../adapters/listen.ts'
import { credentialsOf, howToSignIn } from '../core/auth/credentials.ts'
import type { Byok } from '../core/byok.ts'
import type { Provider } from '../core/registry.ts'
import { version } from '../core/version.ts'

/** What `byok serve` says when it is up: the URL, who is ready, and what the others need. */
export async function banner(byok: Byok, { url, fingerprint }: Omit<Listening, 'close'>): Promise<string> {
  const ready: string[] = []
  const missing: string[] = []
  const disabled: string[] = []
  for (const provider of byok.registry.providers) {
    const [credential] = provider.config.enabled ? await credentialsOf(provider, byok.store) : []
    const name = provider.name.padEnd(14)
    if (!provider.config.enabled) disabled.push(`  - ${name} disabled in config`)
    else if (!credential) missing.push(`  ! ${name} ${howToSignIn(provider)}`)
    else ready.push(`  + ${name} ${signedInBy(byok, provider, credential)}, ${provider.models.size} models`)
  }
  const trust = fingerprint === undefined ? [] : [`Its certificate was made now; SHA-256: ${fingerprint}`]
  const lines = [`byok ${version} is ready at ${url}/v1`, ...trust, '', ...ready, ...missing, ...disabled]
  if (ready.length === 0) lines.push('', 'No provider is ready yet: every chat request will be refused until one is.')
  return `${lines.join('\n')}\n\n`
}

function signedInBy(byok: Byok, { name }: Provider, credential: { kind: string; account: string }): string {
  if (credential.kind === 'oauth') return `login (${credential.account})`
  const source = byok.sources.get(`providers.${name}.api_key`)
  return source ? `API key from ${source}` : 'API key'
}
