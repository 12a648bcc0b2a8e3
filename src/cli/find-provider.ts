import { oauthOf } from '../core/auth/method.ts'
import { howToSignIn } from '../core/auth/credentials.ts'
import type { Byok } from '../core/byok.ts'
import type { Provider } from '../core/registry.ts'
import { UsageError } from './command.ts'
import { noSuch } from './no-such.ts'

/** @throws {UsageError} with the nearest name, where no provider has it. */
export function findProvider({ registry }: Byok, name: string): Provider {
  const found = registry.providers.find((provider) => provider.name === name)
  if (found) return found
  throw noSuch(
    'provider',
    name,
    registry.providers.map((provider) => provider.name),
  )
}

/**
 * The provider to log in to: the named one, or the one picked from a list.
 * @throws {UsageError} where it has no login, or there is nobody to pick.
 */
export async function loginProvider(byok: Byok, name: string | undefined): Promise<Provider | undefined> {
  const offered = byok.registry.providers.filter(({ plugin, config }) => config.enabled && oauthOf(plugin.auth))
  if (name === undefined) return await pick(offered)
  const provider = findProvider(byok, name)
  if (!oauthOf(provider.plugin.auth)) throw new UsageError(`${provider.title} has no login. ${howToSignIn(provider)}`)
  return provider
}

/** `undefined` where the person thought better of it. */
async function pick(offered: Provider[]): Promise<Provider | undefined> {
  const names = offered.map(({ name }) => name).join(', ')
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError(`name the provider to log in to: ${names}. For example: byok login ${offered[0]?.name ?? ''}`)
  }
  const { consola } = await import('consola')
  const picked = await consola.prompt('Log in to', {
    type: 'select',
    options: offered.map(({ name, title, plugin }) => ({
      value: name,
      label: title,
      hint: oauthOf(plugin.auth)?.label ?? '',
    })),
    cancel: 'undefined',
  })
  return offered.find(({ name }) => name === picked)
}
