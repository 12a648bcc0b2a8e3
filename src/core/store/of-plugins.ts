import { reasonOf } from '../log/fault.ts'
import { storeLacks } from '../start/given.ts'
import { PluginError } from '../plugin/check.ts'
import type { OpenStore } from '../plugin/parts.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { StoreError } from './errors.ts'

/** The places for logins that plugins offer, by their schemes. What goes wrong in opening one says whose it is. */
export function storesOf(plugins: readonly Plugin[]): Record<string, OpenStore> {
  const all = plugins.flatMap(({ name, stores = {} }) =>
    Object.entries(stores).map(([scheme, open]) => {
      return [scheme, named(open, `the store \`${scheme}\` of plugin "${name}"`)] as const
    }),
  )
  return Object.fromEntries(all)
}

/** @throws {StoreError | PluginError} from the opening */
function named(open: OpenStore, what: string): OpenStore {
  return async (url, context) => {
    const store = await opened(() => open(url, context), what)
    const lacks = storeLacks(store ?? {})
    if (lacks) throw new PluginError(`${what} gave no TokenStore: what it gave has no ${lacks}`)
    return store
  }
}

async function opened<Store>(open: () => Promise<Store>, what: string): Promise<Store> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof StoreError) throw error
    throw new PluginError(`${what} failed: ${reasonOf(error)}`, { cause: error })
  }
}
