import { z } from 'zod'
import type { Plugin } from '../plugin/plugin.ts'
import { compatibleShape, providerShape } from './provider-shape.ts'
import { configSchema } from './schema.ts'
import type { ProviderConfig } from './schema.ts'
import { isObject } from '../json/json.ts'
import { childOf } from './tree.ts'
import type { Tree } from './tree.ts'

/** What config needs to know of a plugin. */
export type ConfigPlugin = Pick<Plugin, 'name' | 'config' | 'auth' | 'executor' | 'strategies'>

/** The `type` of a provider that has no plugin. */
export const COMPATIBLE = 'openai-compatible'

/** A provider's name, in config as in a plugin. */
const NAME = /^[a-z][a-z0-9-]*$/

/** The names under `providers` that `type: openai-compatible` makes providers of. */
export function compatibleNames(tree: Tree | undefined): string[] {
  const providers = childOf(tree, 'providers')
  if (providers?.kind !== 'map') return []
  return [...providers.entries.keys()].filter((name) => {
    const type = childOf(childOf(providers, name), 'type')
    return NAME.test(name) && type?.kind === 'value' && type.value === COMPATIBLE
  })
}

/**
 * byok's schema with each plugin's own keys in its place. A plugin's key stands before a common one of the same name, so
 * that it may give a default or be stricter; what it gives is then read as the common one. A plugin that is no provider has settings only where it has a `config`.
 *
 * @param compatible Names that may be providers without a plugin.
 */
export function schemaFor(plugins: readonly ConfigPlugin[], compatible: readonly string[] = []) {
  const providers: Record<string, z.ZodType<ProviderConfig>> = {}
  for (const name of compatible) providers[name] = z.strictObject({ ...providerShape, ...compatibleShape })
  for (const { name, config, executor } of plugins) {
    if (executor ?? config) providers[name] = providerWith(config).prefault({})
  }
  return configSchema.extend({
    providers: z.strictObject(providers).prefault({}).describe('Settings of each provider, by its name.'),
  })
}

function providerWith(own: z.ZodObject | undefined) {
  const merged = z.strictObject({ ...providerShape, ...own?.shape, ...narrowedBy(own) })
  // Rules over several keys, which a shape does not hold. They were written for `own`'s keys, all of which are in `merged`.
  const rules = (own?.def.checks ?? []) as z.core.$ZodCheck<z.output<typeof merged>>[]
  return merged.check(...rules)
}

/**
 * The common keys that a plugin has among its own, such as an `api_key` of a certain form, as byok and its other providers know them:
 * a plain text in the place of a secret would fail each request.
 */
function narrowedBy(own: z.ZodObject | undefined): Record<string, z.core.$ZodType> {
  const narrowed: Record<string, z.core.$ZodType> = {}
  const shape: z.core.$ZodShape = own?.shape ?? {}
  for (const [name, common] of Object.entries<z.core.$ZodType>(providerShape)) {
    const first = shape[name]
    if (first) narrowed[name] = z.pipe(first, z.pipe(z.transform(written), common))
  }
  return narrowed
}

/** As it stands in config. A plugin with a byok of its own makes secrets of another class. */
function written(value: unknown): unknown {
  if (!isObject(value) || typeof value['reveal'] !== 'function') return value
  const revealed: unknown = Reflect.apply(value['reveal'], value, [])
  return revealed
}
