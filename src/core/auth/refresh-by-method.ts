import { isObject } from '../json/json.ts'
import { ownerOf, PluginFault, pluginFault } from '../plugin/fault.ts'
import type { Secret } from '../secrets/secret.ts'
import type { RefreshContext, Refreshed } from './context.ts'
import { AuthError } from './error.ts'
import type { OAuthMethod } from './method.ts'

/**
 * Renews a login as its provider's method does, which may be a plugin's.
 * @throws what a refresh may fail with, what `keep` failed with, or a {@link PluginFault}
 */
export async function refreshBy(method: OAuthMethod, provider: string, context: RefreshContext): Promise<Refreshed> {
  const owner = ownerOf(provider)
  let unkept: { error: unknown } | undefined
  const keep = async (refreshToken: Secret) => {
    try {
      await context.keep(refreshToken)
    } catch (error) {
      unkept = { error }
      throw error
    }
  }
  let refreshed: Refreshed | undefined
  try {
    refreshed = await method.refresh?.({ ...context, keep })
  } catch (error) {
    const known = error instanceof AuthError || error === unkept?.error || context.signal.aborted
    throw known ? error : pluginFault(error, 'refresh', owner)
  }
  if (isRefreshed(refreshed)) return refreshed
  throw new PluginFault('refresh', owner, undefined, 'gave no tokens, of which `accessToken` is a Secret')
}

/** Whether it has what is sent; a plugin in JavaScript may give anything, and one with a byok of its own has secrets of its own. */
function isRefreshed(refreshed: unknown): refreshed is Refreshed {
  if (!isObject(refreshed) || !isObject(refreshed['tokens'])) return false
  const { accessToken } = refreshed['tokens']
  return isObject(accessToken) && typeof accessToken['reveal'] === 'function'
}
