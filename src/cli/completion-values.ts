import { oauthOf } from '../core/auth/method.ts'
import type { Provider } from '../core/registry.ts'
import { GROUPS } from '../core/usage/database.ts'
import { SHELLS } from './completion-shells.ts'
import { ENV_SHELLS } from './env.ts'
import { MANAGERS } from './service-files.ts'
import { tools } from '../core/setup/tools.ts'

/** Options whose value is the name of a file or folder. */
export const FILE_OPTIONS = ['--config', '--db', '--home']

/** The words that are known beforehand. */
export interface CompletionValues {
  /** By the option they may follow. */
  options: Record<string, readonly string[]>
  /** What may be the first argument of a command, by the words that lead to it. */
  arguments: Record<string, readonly string[]>
}

export function completionValues(providers: readonly Provider[]): CompletionValues {
  const names = (wanted: (provider: Provider) => boolean) => providers.filter(wanted).map(({ name }) => name)
  const withLogin = names(({ plugin }) => oauthOf(plugin.auth) !== undefined)
  return {
    options: {
      '--by': GROUPS,
      '--manager': Object.keys(MANAGERS),
      '--provider': names(() => true),
      '--shell': Object.keys(ENV_SHELLS),
      '--workers': ['auto'],
    },
    arguments: {
      completions: SHELLS,
      import: names(({ plugin }) => oauthOf(plugin.auth)?.existing !== undefined),
      login: withLogin,
      logout: withLogin,
      setup: tools.map(({ name }) => name),
    },
  }
}
