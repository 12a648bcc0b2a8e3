import type { Account } from '../../../src/core/routing/account.ts'
import type { Provider } from '../../../src/core/registry.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'

/** An account of a provider that is no more than its name. */
export function accountOf(name: string, more: Partial<Account> & { providerName?: string } = {}): Account {
  const { providerName = 'acme', ...rest } = more
  return {
    provider: { name: providerName } as Provider,
    model: 'm',
    route: 0,
    credential: { kind: 'api_key', account: name, key: new Secret(`key-${name}`) },
    weight: 1,
    priority: 0,
    id: name,
    fingerprint: name,
    ...rest,
  }
}
