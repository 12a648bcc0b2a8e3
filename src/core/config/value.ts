import { parse } from 'yaml'
import { accepts, schemaUnder, unwrap } from './introspect.ts'
import type { Schema } from './introspect.ts'
import { isNothing } from './tree.ts'
import type { Tree } from './tree.ts'

/** A tree as plain values, ready for the schema. Text from the environment or a flag is read as the schema's type. */
export function valueOf(tree: Tree, schema: Schema | undefined): unknown {
  switch (tree.kind) {
    case 'list':
      return tree.items.map((item, index) => valueOf(item, schemaUnder(schema, index)))
    case 'value':
      return tree.isText && typeof tree.value === 'string' ? readText(tree.value, schema) : tree.value
    case 'map':
      return Object.fromEntries(
        [...tree.entries].flatMap(([name, { value }]): [string, unknown][] => {
          const under = schemaUnder(schema, name)
          // `providers:` with nothing below it says nothing; `api_key:` with nothing behind it is a slip.
          if (isNothing(value) && accepts(under, 'object', 'record', 'array')) return []
          return [[name, valueOf(value, under)]]
        }),
      )
  }
}

/** Reads text as the schema's type; what cannot be read stays text, which the schema then refuses. */
export function readText(text: string, schema: Schema | undefined): unknown {
  if (!schema) return text
  const { def } = unwrap(schema)._zod
  switch (def.type) {
    case 'number':
      return isNumber(text) ? Number(text.replaceAll('_', '')) : text
    case 'boolean':
      if (/^\s*(true|yes|on|1)\s*$/i.test(text)) return true
      return /^\s*(false|no|off|0)\s*$/i.test(text) ? false : text
    case 'array':
      if (/^\s*\[/.test(text)) return readYamlText(text, Array.isArray) ?? text
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
        .map((item) => readText(item, def.element))
    case 'object':
    case 'record':
      return readYamlText(text, (value) => typeof value === 'object' && value !== null && !Array.isArray(value)) ?? text
    case 'union': {
      const structured = def.options.find((option) =>
        /^\s*\[/.test(text) ? accepts(option, 'array') : /^\s*\{/.test(text) && accepts(option, 'object', 'record'),
      )
      const number = isNumber(text) ? def.options.find((option) => accepts(option, 'number')) : undefined
      const plain = def.options.find((option) => !accepts(option, 'array', 'object', 'record', 'number'))
      const [first] = def.options
      return readText(text, structured ?? number ?? plain ?? first)
    }
    default:
      return text
  }
}

function isNumber(text: string): boolean {
  return /^\s*[+-]?(\d[\d_]*(\.\d+)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)
}

/** YAML or JSON in one line. Undefined unless it is valid and `accept` takes it. */
function readYamlText(text: string, accept: (value: unknown) => boolean): unknown {
  try {
    const value: unknown = parse(text, { logLevel: 'error' })
    return accept(value) ? value : undefined
  } catch {
    return undefined
  }
}
