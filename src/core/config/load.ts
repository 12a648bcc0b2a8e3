import { dirname } from 'node:path'
import { outrankedProblems, problemsOf } from './check.ts'
import { readEnvironment } from './env.ts'
import type { Env } from './env.ts'
import { configFiles, readLayers } from './layers.ts'
import type { ConfigFile, Drafts, Report } from './layers.ts'
import { didYouMean, nearestName } from '../text/nearest.ts'
import { BUILTIN_STRATEGIES } from '../routing/strategy.ts'
import { ConfigError, formatOrigin, formatPath } from './problem.ts'
import type { ConfigProblem, Path } from './problem.ts'
import { compatibleNames, schemaFor } from './provider-schema.ts'
import type { ConfigPlugin } from './provider-schema.ts'
import { configSchema } from './schema.ts'
import type { Config } from './schema.ts'
import { childOf, descend, emptyMap, isPlainObject, leaves, locate, mergeTrees, treeAt, treeOf } from './tree.ts'
import type { Tree } from './tree.ts'
import { valueOf } from './value.ts'

export interface LoadOptions {
  /** The folder of `byok.config.yaml`, and of a relative `configFile`. */
  cwd: string
  env: Env
  /** The last file layer (`-c FILE`); it must exist. */
  configFile?: string
  /** Whether the user's and the directory's files are read. Default true. */
  files?: boolean
  /** What the command line gave: over every file and the environment. Text is read as the key's type. */
  flags?: object
  /** Over everything: the options of `createByok`. */
  overrides?: object
  /** What files would say. */
  drafts?: Drafts
}

/** The layers as read, before it is known which plugins, and so which keys, there are. */
export interface LoadedConfig {
  /** The plugins that config names. */
  plugins: string[]
  /** The folder of the file that names a plugin, where one does. */
  pluginFolders: ReadonlyMap<string, string>
  /** The names under `providers` that are no plugin's but `type: openai-compatible`. */
  compatible: string[]
  /** What is no error but worth saying. {@link LoadedConfig.finish} may add to it. */
  warnings: string[]
  /** The files that count, those that do not exist yet included; the last outranks the others. */
  files: readonly ConfigFile[]
  /** What those said. */
  texts: Drafts
  /**
   * Checks everything against the plugins' schemas and fills in the defaults. `sources` says where each setting is from,
   * by its path: `FILE:LINE`, a variable, a flag, `createByok options` or `default`.
   *
   * @throws {ConfigError} naming every problem with its file, line and key.
   */
  finish(plugins: readonly ConfigPlugin[]): { config: Config; sources: Map<string, string> }
  /**
   * Reads all layers again with the same options, for a config that changed. This one stays as it is.
   *
   * @param drafts what files would say, to see whether that is valid
   * @throws {ConfigError} as {@link loadConfig}.
   */
  reload(drafts?: Drafts): Promise<LoadedConfig>
}

/**
 * Reads every layer of the config, the later over the earlier: the user's file, the directory's, `configFile`, the
 * environment, `flags`, `overrides`. All is checked by {@link LoadedConfig.finish}, once the plugins are there.
 *
 * @throws {ConfigError} when a file cannot be read or is no YAML, so that not even its plugins are known.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { cwd, env, flags, overrides } = options
  const report: Report = { problems: [], warnings: [] }
  const { problems, warnings } = report
  const files = configFiles({ cwd, env, configFile: options.configFile, files: options.files })
  const above = [
    readEnvironment(env, configSchema, problems, warnings),
    treeOf(flags, { originOf: flagOrigin, isText: true, problems }),
    treeOf(overrides, { originOf: () => ({ source: 'createByok options' }), isText: false, problems }),
  ].reduce(mergeTrees, undefined)
  const {
    tree = emptyMap({ source: 'config' }),
    broken,
    texts,
  } = await readLayers(files, above, env, report, options.drafts)
  if (broken) throw new ConfigError(problems)

  return {
    plugins: pluginsOf(tree),
    pluginFolders: pluginFoldersOf(tree, files),
    compatible: compatibleNames(tree),
    warnings,
    files,
    texts,
    finish: (plugins) => finish(withVendorKeys(tree, above, plugins, env, warnings), plugins, problems),
    reload: (drafts) => loadConfig({ ...options, drafts }),
  }
}

/** Flags whose settings have other names. */
const FLAGS: Record<string, string> = {
  'server.workers': '--workers',
  'log.format': '--json',
  'log.level': '--quiet or --verbose',
}

function flagOrigin(path: Path) {
  const key = path.join('.')
  if (key === '') return { source: 'command line' }
  return { source: FLAGS[key] ?? `--${key.replaceAll(/[._]/g, '-')}` }
}

/** Only what is valid; the rest is refused with everything else. */
function pluginsOf(tree: Tree): string[] {
  const schema = configSchema.shape.plugins
  const named = childOf(tree, 'plugins')
  const parsed = schema.safeParse(named && (valueOf(named, schema) ?? undefined))
  return parsed.success ? parsed.data : []
}

function pluginFoldersOf(tree: Tree, files: readonly ConfigFile[]): Map<string, string> {
  const named = childOf(tree, 'plugins')
  const folders = new Map<string, string>()
  for (const item of named?.kind === 'list' ? named.items : []) {
    const file = files.find(({ shown }) => shown === item.origin.source)
    if (file && item.kind === 'value' && typeof item.value === 'string') folders.set(item.value, dirname(file.path))
  }
  return folders
}

function finish(tree: Tree, plugins: readonly ConfigPlugin[], found: readonly ConfigProblem[]) {
  const compatible = compatibleNames(tree)
  const schema = schemaFor(plugins, compatible)
  // For one use, zod's own compiling of a schema takes longer than it saves.
  const parsed = schema.safeParse(valueOf(tree, schema), { jitless: true })
  const providers = new Set([...plugins.filter(({ executor }) => executor).map(({ name }) => name), ...compatible])
  const wrong = [
    ...(parsed.success ? [] : problemsOf(parsed.error.issues, tree, schema)),
    ...outrankedProblems(tree, schema),
    ...unknownTargets(tree, providers),
    ...(parsed.success ? unknownStrategy(tree, parsed.data.routing.strategy, plugins) : []),
  ]
  // A key that could not be read at all is not also "missing".
  const known = new Set(found.map(({ key }) => key))
  const problems = [...found, ...wrong.filter(({ key }) => key === '' || !known.has(key))]
  if (!parsed.success || problems.length > 0) throw new ConfigError(inOrder(problems))
  return { config: parsed.data, sources: sourcesOf(tree, parsed.data) }
}

/** The problems of one place together, by line. */
function inOrder(problems: ConfigProblem[]): ConfigProblem[] {
  const places = [...new Set(problems.map(({ source }) => source))]
  return problems.sort(
    (a, b) =>
      places.indexOf(a.source) - places.indexOf(b.source) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  )
}

/**
 * What clients are told to send where byok needs no key, since most refuse to send none. Who has `byok env` in a shell's start file starts
 * byok in that shell too, where this is no key of a vendor's, and would outrank a login.
 */
export const ANY_KEY = 'byok-local'

/**
 * The layer of each vendor's usual variable: over the files, under `BYOK_*` and what follows it. An empty variable counts as
 * unset.
 */
function withVendorKeys(
  tree: Tree,
  above: Tree | undefined,
  plugins: readonly ConfigPlugin[],
  env: Env,
  warnings: string[],
): Tree {
  let whole = tree
  for (const { name, auth = [] } of plugins) {
    const variables = [auth].flat().flatMap((method) => (method.kind === 'api_key' ? method.env : []))
    const variable = variables.find((candidate) => ![undefined, '', ANY_KEY].includes(env[candidate]?.trim()))
    const path = ['providers', name, 'api_key']
    if (variable === undefined || descend(above, path)) continue
    const value = env[variable]
    const given = descend(tree, path)
    if (given?.kind === 'value' && given.value !== null && given.value !== value?.trim()) {
      const place = formatOrigin(locate(tree, path))
      warnings.push(`${variable} in the environment outranks ${formatPath(path)} in ${place}.`)
    }
    const key = treeAt(path, { kind: 'value', origin: { source: variable }, value, isText: false })
    whole = mergeTrees(whole, key) ?? whole
  }
  return whole
}

/** Aliases that name a provider there is not. Their form is the schema's to check. */
function unknownTargets(tree: Tree, providers: ReadonlySet<string>): ConfigProblem[] {
  const models = childOf(tree, 'models')
  if (models?.kind !== 'map') return []
  const problems: ConfigProblem[] = []
  for (const { path } of leaves(models)) {
    const target = descend(models, path)
    const [, name] = target?.kind === 'value' ? (/^\s*([^/]+)\/./.exec(String(target.value)) ?? []) : []
    if (name === undefined || providers.has(name)) continue
    const at = ['models', ...path]
    const nearest = nearestName(name, providers)
    const hint = nearest ? didYouMean(`"${nearest}"`) : `Known here: ${[...providers].join(', ')}.`
    problems.push({
      ...locate(tree, at),
      key: formatPath(at),
      message: `names a provider there is not. ${hint}`,
      ...(nearest && { nearest }),
    })
  }
  return problems
}

/** A way to route that neither byok nor a plugin has. */
function unknownStrategy(tree: Tree, strategy: string, plugins: readonly ConfigPlugin[]): ConfigProblem[] {
  const known = [...BUILTIN_STRATEGIES, ...plugins.flatMap(({ strategies = {} }) => Object.keys(strategies))]
  if (known.includes(strategy)) return []
  const path = ['routing', 'strategy']
  const nearest = nearestName(strategy, known)
  const hint = nearest ? didYouMean(`"${nearest}"`) : `Known here: ${known.join(', ')}.`
  const message = `names a strategy there is not. ${hint}`
  return [{ ...locate(tree, path), key: formatPath(path), message, ...(nearest && { nearest }) }]
}

function sourcesOf(tree: Tree, config: Config): Map<string, string> {
  const sources = new Map<string, string>()
  for (const { path, origin } of leaves(tree)) sources.set(formatPath(path), formatOrigin(origin))
  const addDefaults = (value: unknown, path: Path) => {
    const under = descend(tree, path)
    if (isPlainObject(value) && (!under || under.kind === 'map') && Object.keys(value).length > 0) {
      for (const [name, child] of Object.entries(value)) addDefaults(child, [...path, name])
    } else if (!under && value !== undefined) {
      sources.set(formatPath(path), 'default')
    }
  }
  addDefaults(config, [])
  return sources
}
