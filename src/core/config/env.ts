import { accepts, namesOf, schemaAt } from './introspect.ts'
import type { Schema } from './introspect.ts'
import type { ConfigProblem } from './problem.ts'
import { nearestName } from '../text/nearest.ts'
import { isUnsafeName } from './problem.ts'
import { mergeTrees, treeAt, treeOf } from './tree.ts'
import type { Tree } from './tree.ts'
import { isPlainObject } from './tree.ts'
import { readText } from './value.ts'

export type Env = Record<string, string | undefined>

const PREFIX = 'BYOK_'

/**
 * The layer that `BYOK_*` variables make. `__` goes one level down, so that `BYOK_PROVIDERS__CLAUDE__BASE_URL` is
 * `providers.claude.base_url`; an empty variable counts as unset.
 *
 * A variable whose first part is like no key of the config may be another program's: it becomes a warning, not an error.
 */
export function readEnvironment(
  env: Env,
  schema: Schema,
  problems: ConfigProblem[],
  warnings: string[],
): Tree | undefined {
  const known = namesOf(schema)
  const names = Object.keys(env).filter((name) => name.startsWith(PREFIX) && textOf(env[name]).trim() !== '')
  let tree: Tree | undefined
  // The deepest come last, over what `BYOK_LOG={…}` says of the same key.
  for (const name of names.sort((a, b) => a.split('__').length - b.split('__').length || (a < b ? -1 : 1))) {
    const path = pathOf(name)
    const [first = ''] = path
    if (
      path.some((part) => part === '' || isUnsafeName(part)) ||
      !(known.includes(first) || nearestName(first, known))
    ) {
      warnings.push(`The environment variable ${name} is no setting of byok and is ignored.`)
      continue
    }
    const under = schemaAt(schema, path)
    const text = textOf(env[name])
    // Settings given as a whole are read now, so that they merge with other layers key by key.
    const whole = accepts(under, 'object', 'record') && /^\s*\{/.test(text) ? readText(text, under) : undefined
    const value = isPlainObject(whole) ? whole : text
    const leaf = treeOf(value, { originOf: () => ({ source: name }), isText: value === text, problems }, path)
    if (leaf) tree = mergeTrees(tree, treeAt(path, leaf))
  }
  return tree
}

/** A program in JavaScript may give `{ BYOK_PORT: 8018 }`; and what a worker's `env` has besides texts is no setting. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

function pathOf(name: string): string[] {
  const path = name.slice(PREFIX.length).toLowerCase().split('__')
  // A provider's name has dashes and never an underscore; a variable's is the other way round.
  return path.map((part, index) => (index === 1 && path[0] === 'providers' ? part.replaceAll('_', '-') : part))
}
