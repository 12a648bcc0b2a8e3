import { isAbsolute, join, resolve } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where a tool's settings are if a variable of the environment says so; undefined where they are in their place below the home directory. */
export type Folder = (env: Environment, platform: string) => string | undefined

/** openai/codex codex-rs/utils/home-dir/src/lib.rs, `find_codex_home`. */
export const codexFolder: Folder = (env) => named(env['CODEX_HOME'])

/** In @anthropic-ai/claude-code 2 the variable, else `~/.claude`; also code.claude.com/docs/en/settings. */
export const claudeFolder: Folder = (env) => named(env['CLAUDE_CONFIG_DIR'])

/** google-gemini/gemini-cli packages/core/src/utils/paths.ts, `homedir`. */
export const geminiFolder: Folder = (env) => named(env['GEMINI_CLI_HOME'], '.gemini')

/** QwenLM/qwen-code packages/core/src/config/storage.ts, `getGlobalQwenDir`. */
export const qwenFolder: Folder = (env) => named(env['QWEN_HOME'])

/** earendil-works/pi packages/coding-agent/docs/environment-variables.md. */
export const piFolder: Folder = (env) => named(env['PI_CODING_AGENT_DIR'])

/** continuedev/continue core/util/paths.ts, `CONTINUE_GLOBAL_DIR`. */
export const continueFolder: Folder = (env) => named(env['CONTINUE_GLOBAL_DIR'])

/** @sourcegraph/amp dist/main.js; anomalyco/opencode packages/opencode/src/global/index.ts, by xdg-basedir. Both on every platform. */
export const xdgFolder =
  (name: string): Folder =>
  (env) =>
    named(env['XDG_CONFIG_HOME'], name)

/** zed-industries/zed crates/paths/src/paths.rs, `config_dir`; on Linux by the crate `dirs`, which takes absolute paths alone. */
export const zedFolder: Folder = (env, platform) => {
  if (platform === 'win32') return named(env['APPDATA'], 'Zed')
  const xdg = env['XDG_CONFIG_HOME'] ?? ''
  return ['linux', 'freebsd'].includes(platform) && isAbsolute(xdg) ? join(xdg, 'zed') : undefined
}

function named(folder: string | undefined, within = ''): string | undefined {
  return folder ? resolve(folder, within) : undefined
}
