import type { Json } from './anthropic-check.ts'
import { invalid } from './anthropic-failures.ts'
import type { AnthropicError } from './anthropic-failures.ts'

/** How much one request may hold the model to: camel-ai/camel pull request 4171, elizaOS/eliza issue 16499, vercel/ai pull request 17268. */
export function checkStrictness({ tools = [], output_config: output }: Json): AnthropicError | undefined {
  const strict = (tools as Json[])
    .filter((tool) => tool['strict'] === true)
    .map((tool) => tool['input_schema'] as unknown)
  if (strict.length > 20) {
    return invalid(
      `Too many strict tools (${strict.length}). The maximum number of strict tools supported is 20. Try reducing the number of tools marked as strict.`,
    )
  }
  const found = JSON.stringify([...strict, output?.format?.schema], (_, value: unknown) => {
    const { properties, required = [], type, anyOf } = (value ?? {}) as Json
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const optional = Object.keys(properties ?? {}).filter((name) => !(required as string[]).includes(name))
    return {
      ...value,
      ' ': [...optional.map(() => 'OPTIONAL'), ...(Array.isArray(type) || Array.isArray(anyOf) ? ['UNION'] : [])],
    }
  })
  const optional = found.split('"OPTIONAL"').length - 1
  if (optional > 24) {
    return invalid(
      `Schemas contains too many optional parameters (${optional}), which would make grammar compilation inefficient.`,
    )
  }
  const unions = found.split('"UNION"').length - 1
  if (unions > 16)
    return invalid(
      `Schemas contains too many parameters with union types (${unions} parameters with type arrays or anyOf).`,
    )
  const named = [...strict, output?.format?.schema].flatMap((schema) =>
    Object.entries((schema as Json | undefined)?.['$defs'] ?? {}),
  )
  const loop = named.find(([name, schema]) => JSON.stringify(schema).includes(`"#/$defs/${name}"`))
  return loop && invalid(`the fake: \`${loop[0]}\` holds itself`)
}
