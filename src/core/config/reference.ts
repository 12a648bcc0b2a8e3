import ms from 'ms'
import { z } from 'zod'
import { typeName, unwrap } from './introspect.ts'
import type { Schema } from './introspect.ts'

/** One row of the config reference. */
export interface ConfigKey {
  /** `<name>` stands for any name, `[]` for each entry of a list. */
  key: string
  type: string
  /** As in YAML; absent where there is none. */
  default?: string
  description: string
}

/** Every key of a schema, in its order, without those that only hold others. */
export function configKeys(schema: z.ZodObject): ConfigKey[] {
  return Object.entries<Schema>(schema.shape).flatMap(([name, child]) => keysUnder(child, name))
}

function keysUnder(schema: Schema, key: string): ConfigKey[] {
  const inner = unwrap(schema)._zod.def
  if (inner.type === 'object') {
    return Object.entries(inner.shape).flatMap(([name, child]) => keysUnder(child, `${key}.${name}`))
  }
  if (inner.type === 'record' && unwrap(inner.valueType)._zod.def.type === 'object') {
    return keysUnder(inner.valueType, `${key}.<name>`)
  }
  const row: ConfigKey = { key, type: typeName(schema), description: z.globalRegistry.get(schema)?.description ?? '' }
  const value = defaultOf(schema)
  if (value !== undefined) row.default = row.type === 'time' ? ms(Number(value)) : JSON.stringify(value)
  const entries = inner.type === 'array' ? objectOption(inner.element) : undefined
  return [row, ...(entries ? keysUnder(entries, `${key}[]`) : [])]
}

/** The object among the ways to write a list's entry. */
function objectOption(schema: Schema): Schema | undefined {
  const { def } = unwrap(schema)._zod
  const options = def.type === 'union' ? def.options : [schema]
  return options.find((option) => unwrap(option)._zod.def.type === 'object')
}

function defaultOf(schema: Schema): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod
  return def.type === 'default' ? def.defaultValue : undefined
}

/** The keys as a Markdown table. */
export function referenceTable(keys: readonly ConfigKey[]): string {
  const rows = keys.map(({ key, type, default: value, description }) =>
    [`\`${key}\``, type, value === undefined ? '' : `\`${value}\``, description].map(cell).join(' | '),
  )
  return [
    '| key | type | default | what it is |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
