import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Plugin } from '../plugin.ts'
import { problemsOf } from './check.ts'
import { readEnvironment } from './env.ts'
import type { Env } from './env.ts'
import { ConfigError, formatOrigin, formatPath } from './problem.ts'
import type { ConfigProblem } from './problem.ts'
import { configSchema, providerShape } from './schema.ts'
import type { Config, ConfigInput } from './schema.ts'
import { childOf, emptyMap, leaves, mergeTrees, treeAt, treeOf } from './tree.ts'
import type { Tree } from './tree.ts'
import { valueOf } from './value.ts'
import { readYaml } from './yaml.ts'

export interface LoadOptions {
  /** The folder of `byok.config.yaml`, and of a relative `configFile`. */
  cwd: string
  env: Env
  /** The last file layer (`-c FILE`); it must exist. */
  configFile?: string
  /** Whether the user's and the directory's files are read. Default true. */
  files?: boolean
  /** What the command line gave: over every file and the environment. */
  flags?: ConfigInput
  /** Over everything: the options of `createByok`. */
  overrides?: object
}

/** The layers as read, before it is known which plugins, and so which keys, there are. */
export interface LoadedConfig {
  /** The plugins that config names. */
  plugins: string[]
  warnings: string[]
  /** The files that count, those that do not exist yet included. */
  files: string[]
  /**
   * Checks everything against the plugins' schemas and fills in the defaults.
   * @throws {ConfigError} naming every problem with its file, line and key.
   */
  finish(plugins: readonly Plugin[]): { config: Config; sources: Map<string, string> }
}

/**
 * Reads every layer of the config, the later over the earlier: the user's file, the directory's, `configFile`, the
 * environment, `flags`, `overrides`.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { cwd, env, flags, overrides } = options
  const problems: ConfigProblem[] = []
  const warnings: string[] = []
  const { tree: fromFiles, paths } = await readFiles(options, problems)
  const above = [
    readEnvironment(env, configSchema, problems, warnings),
    treeOf(flags, { originOf: (path) => ({ source: `--${String(path[0] ?? '')}` }), isText: false, problems }),
    treeOf(overrides, { originOf: () => ({ source: 'createByok options' }), isText: false, problems }),
  ].reduce<Tree | undefined>(mergeTrees, undefined)
  const named = childOf(mergeTrees(fromFiles, above), 'plugins')
  const plugins = configSchema.shape.plugins.safeParse(named && valueOf(named, configSchema.shape.plugins))

  return {
    plugins: plugins.success ? plugins.data : [],
    warnings,
    files: paths.map((path) => resolve(cwd, path)),
    finish(registered) {
      const tree = mergeTrees(mergeTrees(fromFiles, keysOf(registered, env)), above) ?? emptyMap({ source: 'config' })
      const schema = schemaWith(registered)
      const parsed = schema.safeParse(valueOf(tree, schema))
      const found = [...problems, ...(parsed.success ? [] : problemsOf(parsed.error.issues, tree, schema))]
      if (!parsed.success || found.length > 0) throw new ConfigError(found)
      const sources = new Map<string, string>()
      for (const { path, origin } of leaves(tree)) sources.set(formatPath(path), formatOrigin(origin))
      return { config: parsed.data, sources }
    },
  }
}

/** `~` at the start of a path as the home directory. */
export function expandHome(path: string, home: string | undefined): string {
  if (path !== '~' && !path.startsWith('~/')) return path
  return join(home ?? homedir(), path.slice(1))
}

async function readFiles(
  { cwd, env, configFile, files = true }: LoadOptions,
  problems: ConfigProblem[],
): Promise<{ tree: Tree | undefined; paths: string[] }> {
  const usual = files ? [expandHome('~/.byok/config.yaml', env['HOME']), join(cwd, 'byok.config.yaml')] : []
  const paths = configFile === undefined ? usual : [...usual, configFile]
  let tree: Tree | undefined
  for (const path of paths) {
    const content = await readText(resolve(cwd, path), path === configFile, problems)
    if (content !== undefined) tree = mergeTrees(tree, readYaml(content, path, env, problems).tree)
  }
  return { tree, paths }
}

async function readText(path: string, needed: boolean, problems: ConfigProblem[]): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault'
    if (code === 'ENOENT' && !needed) return undefined
    const message = code === 'ENOENT' ? 'there is no such config file' : `the config file cannot be read (${code})`
    problems.push({ source: path, key: '', message })
    return undefined
  }
}

/** The keys that stand in each vendor's usual environment variable. */
function keysOf(plugins: readonly Plugin[], env: Env): Tree | undefined {
  let tree: Tree | undefined
  for (const { name, auth = [] } of plugins) {
    const variables = auth.flatMap((method) => (method.kind === 'api_key' ? method.env : []))
    const variable = variables.find((candidate) => env[candidate]?.trim())
    if (variable === undefined) continue
    const value = env[variable]
    tree = mergeTrees(
      tree,
      treeAt(['providers', name, 'api_key'], { kind: 'value', origin: { source: variable }, value, isText: false }),
    )
  }
  return tree
}

/** The schema with each provider's own keys; a provider that no plugin offers is an unknown key. */
function schemaWith(plugins: readonly Plugin[]) {
  const providers = plugins
    .filter(({ executor }) => executor !== undefined)
    .map(({ name, config }) => [name, z.strictObject({ ...providerShape, ...config?.shape }).prefault({})] as const)
  return configSchema.extend({ providers: z.strictObject(Object.fromEntries(providers)).prefault({}) })
}
