import type { Credential } from '../auth/credential.ts'
import { credentialsOf } from '../auth/credentials.ts'
import { infoOf } from '../models/merge.ts'
import type { ModelInfo } from '../plugin/plugin.ts'
import type { Provider, Route } from '../registry.ts'
import type { ExchangeContext } from './exchange.ts'

/** An enabled provider that has a credential, and of which kinds its credentials are. */
export interface Usable {
  provider: Provider
  kinds: ReadonlySet<Credential['kind']>
}

export async function usableProviders({ registry, store }: ExchangeContext): Promise<Usable[]> {
  const usable: Usable[] = []
  for (const provider of registry.providers) {
    if (!provider.config.enabled) continue
    const kinds = new Set((await credentialsOf(provider, store)).map(({ kind }) => kind))
    if (kinds.size > 0) usable.push({ provider, kinds })
  }
  return usable
}

/** Where a name of config's `models` leads now; `undefined` where none of its providers can be used. */
export function usableRoute({ registry }: ExchangeContext, alias: string, usable: Usable[]): Route | undefined {
  try {
    return registry.candidates(alias).find((route) => isUsable(usable, route))
  } catch {
    return undefined
  }
}

export function isUsable(usable: Usable[], { provider, model }: Route): boolean {
  return usable.some((one) => one.provider === provider && canUse(one, infoOf(provider, model)))
}

/** Whether one of its credentials is of the kind that the model is for. */
export function canUse({ kinds }: Usable, info: ModelInfo | undefined): boolean {
  return info?.credential === undefined || kinds.has(info.credential)
}
