import { z } from 'zod'
import type { ConfigPlugin } from './provider-schema.ts'
import { schemaFor } from './provider-schema.ts'
import { compatibleShape, providerShape } from './provider-shape.ts'
import { configSchema } from './schema.ts'

/**
 * The config as JSON Schema (draft 7, which YAML language servers know), for completion and checks in editors. With
 * plugins, their own keys are in it; without, every provider has the common ones.
 */
export function configJsonSchema(plugins?: readonly ConfigPlugin[]): Record<string, unknown> {
  const schema = plugins ? withOthers(plugins) : configSchema
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' })
}

/** Names without a plugin are those of OpenAI-compatible endpoints. */
function withOthers(plugins: readonly ConfigPlugin[]) {
  const schema = schemaFor(plugins)
  const others = z.strictObject({ ...providerShape, ...compatibleShape })
  return schema.extend({ providers: schema.shape.providers.unwrap().catchall(others) })
}
