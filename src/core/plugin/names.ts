import type { Plugin } from './plugin.ts'
import { BUILTIN_STRATEGIES } from '../routing/strategy.ts'
import { OWN_SCHEMES } from '../store/locate.ts'

/** The commands of byok's own. */
export const OWN_COMMANDS = [
  'serve',
  'login',
  'logout',
  'status',
  'usage',
  'key',
  'setup',
  'env',
  'logs',
  'models',
  'chat',
  'config',
  'doctor',
  'service',
  'completions',
  'import',
] as const

/** What plugins bring by a name that nobody else may have: how it is called, which names a plugin has of it, and which byok has. */
const KINDS: [string, (plugin: Plugin) => object | undefined, readonly string[]][] = [
  ['command', ({ commands }) => commands, [...OWN_COMMANDS, 'help']],
  ['routing strategy', ({ strategies }) => strategies, BUILTIN_STRATEGIES],
  ['store', ({ stores }) => stores, OWN_SCHEMES],
]

/** What to say of a plugin that brings a name which is byok's or another plugin's; `undefined` where all are free. */
export function takenName(plugin: Plugin, others: readonly Plugin[]): string | undefined {
  for (const [kind, of, own] of KINDS) {
    for (const name of Object.keys(of(plugin) ?? {})) {
      const other = others.find((one) => Object.hasOwn(of(one) ?? {}, name))
      const owner = own.includes(name) ? "byok's own" : other && `plugin "${other.name}"'s already`
      if (owner) return `plugin "${plugin.name}": the ${kind} \`${name}\` is ${owner}`
    }
  }
  return undefined
}
