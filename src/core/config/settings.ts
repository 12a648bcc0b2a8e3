import type { Byok } from '../byok.ts'
import { formatPath } from './problem.ts'
import type { Path } from './problem.ts'
import { isPlainObject } from './tree.ts'
import { Secret } from '../secrets/secret.ts'
import { SECRET_NAME, withoutUrlSecrets } from '../secrets/url-secrets.ts'

/** One setting as it counts. */
export interface Setting {
  key: string
  /** Secrets are `[secret]`. */
  value: unknown
  /** `FILE:LINE`, a variable, a flag, or `default`. */
  source: string
}

/** Every setting, with where it came from; never a secret. */
export function settingsOf({ config, sources }: Pick<Byok, 'config' | 'sources'>): Setting[] {
  return leavesOf(config, []).map(({ path, value }) => ({
    key: formatPath(path),
    value: value instanceof Secret ? '[secret]' : shownValue(path, value),
    source: sourceOf(sources, path),
  }))
}

function leavesOf(value: unknown, path: Path): { path: Path; value: unknown }[] {
  if (value === undefined) return []
  const entries = Array.isArray(value)
    ? [...value.entries()]
    : isPlainObject(value) && !(value instanceof Secret)
      ? Object.entries(value)
      : []
  return entries.length === 0 ? [{ path, value }] : entries.flatMap(([name, child]) => leavesOf(child, [...path, name]))
}

/** Where it was written, or the nearest thing around it. */
function sourceOf(sources: ReadonlyMap<string, string>, path: Path): string {
  for (let length = path.length; length > 0; length--) {
    const source = sources.get(formatPath(path.slice(0, length)))
    if (source !== undefined) return source
  }
  return 'default'
}

/** A value as it may be shown: headers and plugins' own settings may hold secrets that no schema knows of. */
export function shownValue(path: Path, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const [section, , field, ...under] = path
  const name = String(path.at(-1))
  if (section === 'providers' && field === 'headers' && under.length > 0) return '[secret]'
  // `oauth.token_url` says where tokens are asked for; what is secret in a URL is taken out below.
  const isUrl = field === 'oauth' && name.endsWith('_url')
  if (section === 'providers' && SECRET_NAME.test(name) && !isUrl) return '[secret]'
  return withoutUrlSecrets(value)
}
