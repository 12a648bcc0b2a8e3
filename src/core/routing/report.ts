import type { Registry } from '../registry.ts'
import { isResting } from './circuits.ts'
import type { Circuit } from './circuits.ts'
import type { Router } from './router.ts'

/** An account as people are told of it. Never a secret. */
export interface AccountReport {
  provider: string
  account: string
  kind: 'api_key' | 'oauth'
  weight: number
  priority: number
  /** Requests it is serving now, in this process. */
  inFlight: number
  /** The models it rested for and has not served since. */
  circuits: Circuit[]
}

/** The accounts of every enabled provider, and how they are doing. */
export async function reportAccounts({
  registry,
  router,
}: {
  registry: Registry
  router: Router
}): Promise<AccountReport[]> {
  const enabled = registry.providers.filter(({ config }) => config.enabled)
  const accounts = await Promise.all(enabled.map(async (provider) => await router.lists.for([{ provider, model: '' }])))
  const rests = router.circuits.byAccount()
  return accounts
    .flatMap(({ all }) => all)
    .map((account) => {
      const { provider, credential, weight, priority, id, fingerprint } = account
      const names = { provider: provider.name, account: credential.account, kind: credential.kind }
      const circuits = rests.get(id)?.filter((circuit) => circuit.fingerprint === fingerprint) ?? []
      return { ...names, weight, priority, inFlight: router.inFlight(account), circuits }
    })
}

/** A circuit for programs: `open` while the account rests, then `half-open` until a request has tried it. */
export function shownCircuit(circuit: Circuit) {
  const { model, cause, status, code, failures, until } = circuit
  const state = isResting(circuit, Date.now()) ? 'open' : 'half-open'
  return { model, state, cause, status, code, failures, until: new Date(until).toISOString() }
}
