import { createMemoryTokenStore } from './memory-store.ts'
import type { TokenStore } from './types.ts'

const standIns = new WeakSet<TokenStore>()

/** An empty store for commands that do without the logins, so that none need be there to be read: it says nothing of which there are. */
export function createStandInStore(): TokenStore {
  const store = createMemoryTokenStore()
  standIns.add(store)
  return store
}

export function isStandIn(store: TokenStore): boolean {
  return standIns.has(store)
}
