import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { codeOf } from '../log/fault.ts'
import { expandHome } from '../home.ts'
import type { Env } from './env.ts'
import { ConfigError } from './problem.ts'
import type { ConfigProblem } from './problem.ts'
import { readConfigFile, SilentPipe } from './read-file.ts'
import { mergeTrees } from './tree.ts'
import type { Tree } from './tree.ts'
import { readYaml } from './yaml.ts'

/** A file that may hold config. */
export interface ConfigFile {
  path: string
  /** Its path as people write it, for messages. */
  shown: string
  /** Whether it is an error that it is not there. */
  required: boolean
}

/** Texts that are to be files' own, by the files' absolute paths; empty for one that is not to be there. */
export type Drafts = ReadonlyMap<string, string>

/** What layers report besides what they say. */
export interface Report {
  problems: ConfigProblem[]
  warnings: string[]
}

/** The files config is read from, the last outranking the others. */
export function configFiles(options: { cwd: string; env: Env; configFile?: string; files?: boolean }): ConfigFile[] {
  const { cwd, env, configFile, files: usual = true } = options
  const files: ConfigFile[] = []
  if (usual) {
    const shown = '~/.byok/config.yaml'
    files.push({ path: resolve(expandHome(shown, env['HOME'])), shown, required: false })
    const path = resolve(cwd, 'byok.config.yaml')
    files.push({ path, shown: resolve(cwd) === process.cwd() ? 'byok.config.yaml' : path, required: false })
  }
  if (configFile === '') {
    const message = 'the config file has no name: give `-c FILE`, or `configFile` of createByok'
    throw new ConfigError([{ source: 'config', key: '', message }])
  }
  if (configFile !== undefined) {
    files.push({ path: resolve(cwd, expandHome(configFile, env['HOME'])), shown: configFile, required: true })
  }
  // `-c byok.config.yaml` names a file that is read anyway: it is then the required one.
  return files.filter(({ path }, index) => !files.slice(index + 1).some((later) => later.path === path))
}

/**
 * The files, the last outranking the others, and `above` over them all.
 *
 * @param drafts texts that stand in for those of files
 * @returns The whole as one tree, whether a file could not be read, so that nothing it says is known, and the texts of the files.
 */
export async function readLayers(
  files: readonly ConfigFile[],
  above: Tree | undefined,
  env: Env,
  report: Report,
  drafts?: Drafts,
): Promise<{ tree: Tree | undefined; broken: boolean; texts: Drafts }> {
  let tree: Tree | undefined
  let broken = false
  const texts = new Map<string, string>()
  for (const file of files) {
    const layer = await readLayer(file, env, report, drafts)
    tree = mergeTrees(tree, layer.tree)
    broken ||= layer.broken
    texts.set(file.path, layer.text)
  }
  return { tree: mergeTrees(tree, above), broken, texts }
}

async function readLayer(
  { path, shown, required }: ConfigFile,
  env: Env,
  { problems, warnings }: Report,
  drafts?: Drafts,
): Promise<{ tree?: Tree; broken: boolean; text: string }> {
  let content: string
  try {
    content = drafts?.get(path) ?? (await readConfigFile(path))
  } catch (error) {
    const code = codeOf(error) ?? 'unknown fault'
    const missing = code === 'ENOENT' || code === 'ENOTDIR'
    if (missing && !required) {
      // config.yml would else be overlooked in silence.
      const other = shown.replace(/yaml$/, 'yml')
      if (await isThere(path.replace(/yaml$/, 'yml'))) warnings.push(`${other} is not read. Its name must be ${shown}.`)
      return { broken: false, text: '' }
    }
    const why = error instanceof SilentPipe ? error.message : `the config file cannot be read (${code})`
    problems.push({ source: shown, key: '', message: missing ? 'there is no such config file' : why })
    return { broken: true, text: '' }
  }
  return { ...readYaml(content, shown, env, problems), text: content }
}

export async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
