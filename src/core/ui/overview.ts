import { availableParallelism } from 'node:os'
import type { AccountStatus } from '../auth/auth.ts'
import { signedInBy } from '../auth/credentials.ts'
import { oauthOf } from '../auth/method.ts'
import type { Byok } from '../byok.ts'
import type { Provider } from '../registry.ts'
import type { Quotas } from '../routing/quotas.ts'
import { reportAccounts } from '../routing/report.ts'
import type { AccountReport } from '../routing/report.ts'
import { version } from '../version.ts'
import { keyPathOf } from './keys.ts'
import type { AccountView, Overview, ProviderView } from './types.ts'

export interface OverviewParts {
  byok: Byok
  quotas: Quotas
  /** Whether what a setting's source names is a file that the page can change. */
  isFile(source: string): boolean
}

/** How byok and its accounts are. */
export async function overviewOf(parts: OverviewParts): Promise<Overview> {
  const { byok } = parts
  const { config, registry } = byok
  const reports = await reportAccounts({ ...byok, router: byok.routing })
  const accounts = (await byok.auth.status()).map((status) => accountView(parts, status, reports))
  const { strategy, sticky, max_attempts: maxAttempts } = config.routing
  return {
    version,
    workers: config.server.workers === 'auto' ? availableParallelism() : config.server.workers,
    providers: registry.providers.map(providerView),
    accounts,
    routing: {
      strategy,
      sticky,
      maxAttempts,
      aliases: Object.entries(config.models).map(([name, targets]) => ({ name, targets })),
    },
  }
}

function providerView({ name, title, plugin, config, models }: Provider): ProviderView {
  const key = plugin.auth.find((method) => method.kind === 'api_key')
  const login = oauthOf(plugin.auth)
  return {
    name,
    title,
    enabled: config.enabled,
    models: models.size,
    ...(login && { login: login.label }),
    ...(key && { key: { ...(key.env[0] !== undefined && { env: key.env[0] }) } }),
  }
}

function accountView(
  { byok, quotas, isFile }: OverviewParts,
  { provider, title, account, kind, state, reason, expiresAt, renews }: AccountStatus,
  reports: readonly AccountReport[],
): AccountView {
  const report = reports.find((one) => one.provider === provider && one.kind === kind && one.account === account)
  const source = kind === 'api_key' ? sourceOfKey(byok, provider, account) : undefined
  return {
    provider,
    title,
    account,
    kind,
    signedInBy: signedInBy({ kind, account }),
    state,
    ...(reason !== undefined && { reason }),
    ...(expiresAt !== undefined && { expiresAt }),
    renews,
    weight: report?.weight ?? 1,
    priority: report?.priority ?? 0,
    inFlight: report?.inFlight ?? 0,
    rests: (report?.circuits ?? []).map(({ model, cause, status, code, failures, until }) => ({
      model,
      cause,
      status,
      code,
      failures,
      until,
    })),
    quotas: quotas.of(provider, account),
    ...(source !== undefined && { source }),
    removable: kind === 'oauth' || (source !== undefined && isFile(source)),
  }
}

/** Where a key was written. */
export function sourceOfKey({ config, sources }: Byok, provider: string, account: string): string | undefined {
  const path = keyPathOf(config.providers[provider], provider, account)
  if (!path) return undefined
  const name = `providers.${provider}.${path.length === 3 ? 'api_key' : `api_keys[${path[3]}]`}`
  return sources.get(name) ?? sources.get(`${name}.key`)
}
