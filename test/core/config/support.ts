import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ConfigError, loadConfig } from '../../../src/core/config/index.ts'
import type { ConfigProblem } from '../../../src/core/config/index.ts'
import type { ConfigPlugin } from '../../../src/core/config/provider-schema.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'

export const claude: ConfigPlugin = {
  name: 'claude',
  auth: [{ kind: 'api_key', label: 'API key', env: ['ANTHROPIC_API_KEY', 'CLAUDE_KEY'] }],
  executor: () => Promise.reject(new Error('not called')),
}
export const codex: ConfigPlugin = { ...claude, name: 'codex', auth: [] }

export interface Case {
  /** `~/.byok/config.yaml` */
  home?: string
  /** `./byok.config.yaml` */
  folder?: string
  /** `-c last.yaml` */
  file?: string
  env?: Record<string, string>
  flags?: object
  options?: object
  plugins?: ConfigPlugin[]
}

/** A home and a folder of their own, gone after the test. */
export async function folders() {
  const root = await mkdtemp(join(tmpdir(), 'byok-config-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const at = { home: join(root, 'home'), cwd: join(root, 'cwd') }
  await mkdir(at.home)
  await mkdir(at.cwd)
  return at
}

export async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

export async function load({ home, folder, file, env = {}, flags, options }: Case) {
  const at = await folders()
  if (home !== undefined) await write(join(at.home, '.byok/config.yaml'), home)
  if (folder !== undefined) await write(join(at.cwd, 'byok.config.yaml'), folder)
  if (file !== undefined) await write(join(at.cwd, 'last.yaml'), file)
  const configFile = file === undefined ? undefined : 'last.yaml'
  const loaded = await loadConfig({
    cwd: at.cwd,
    env: { HOME: at.home, ...env },
    configFile,
    flags,
    overrides: options,
  })
  return { ...loaded, ...at }
}

export async function configOf({ plugins = [claude, codex], ...layers }: Case) {
  const loaded = await load(layers)
  return { ...loaded.finish(plugins), warnings: loaded.warnings }
}

/** The error's problems, as `line key: message`, and its whole message. */
export async function failure(layers: Case): Promise<{ problems: readonly ConfigProblem[]; message: string }> {
  const error: unknown = await configOf(layers).then(
    () => undefined,
    (fault: unknown) => fault,
  )
  if (!(error instanceof ConfigError)) throw new Error('no ConfigError', { cause: error })
  return error
}

export const reveal = (value: unknown) => (value instanceof Secret ? value.reveal() : value)
