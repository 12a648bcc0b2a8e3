import { join } from 'node:path'
import { parse } from 'yaml'
import type { Existing, ImportContext } from '../../core/auth/context.ts'
import { AuthError } from '../../core/auth/error.ts'
import { objectOf, readOthersFile, textOf } from '../../core/auth/facts.ts'
import { isObject } from '../../core/json.ts'
import { Secret } from '../../core/secret.ts'

/**
 * GitHub logins of Copilot's editor plugins and of `gh`.
 *
 * Facts: `apps.json` (`github.com:<client>` -> `{user, oauth_token}`) and the older `hosts.json` (`github.com` -> the same) in
 * `~/.config/github-copilot`, on Windows under the local application data: CopilotC-Nvim/CopilotChat.nvim
 * lua/CopilotChat/config/providers.lua; `hosts.yml` of gh: cli/go-gh pkg/config/config.go `ConfigDir`. gh keeps its token in
 * the system's keychain where there is one; then the file has none, and nothing is found.
 */
export async function existingGitHubLogins(context: ImportContext): Promise<Existing[]> {
  const found: Existing[] = []
  for (const path of pathsOf(context)) {
    const text = await readOthersFile(path)
    if (text === undefined) continue
    const hosts = path.endsWith('.yml') ? yamlOf(text, path) : objectOf(text, path)
    for (const [host, entry] of Object.entries(hosts)) {
      const token = isObject(entry) ? textOf(entry['oauth_token']) : undefined
      if (!/^github\.com(:|$)/.test(host) || !isObject(entry) || token === undefined) continue
      const account = textOf(entry['user']) ?? 'github'
      if (found.some((login) => login.account === account)) continue
      const secret = new Secret(token)
      // In the past: the first use exchanges the GitHub token for Copilot's.
      found.push({ account, tokens: { accessToken: secret, refreshToken: secret }, expiresAt: 0, source: path })
    }
  }
  return found
}

function pathsOf({ home, env, platform }: ImportContext): string[] {
  const windows = platform === 'win32'
  const config = env['XDG_CONFIG_HOME'] ?? join(home, '.config')
  const copilot = join(windows ? (env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local')) : config, 'github-copilot')
  const gh = windows ? join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'GitHub CLI') : join(config, 'gh')
  return [join(copilot, 'apps.json'), join(copilot, 'hosts.json'), join(env['GH_CONFIG_DIR'] ?? gh, 'hosts.yml')]
}

function yamlOf(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = parse(text)
    if (isObject(value)) return value
  } catch {
    // What the parser says quotes the file.
  }
  throw new AuthError(`${path} is not in the format byok knows.`, { code: 'unreadable' })
}
