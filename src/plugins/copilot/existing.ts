import { join } from 'node:path'
import { parse } from 'yaml'
import { AuthError, Secret } from '../../index.ts'
import type { Existing, ImportContext } from '../../index.ts'
import { folderOf, isObject, knownFacts, objectOf, readOthersFile, textOf, xdgFolder } from '../../kit.ts'
import { copilotSettings, nameAt } from './domain.ts'

/**
 * GitHub logins of Copilot's editor plugins and of `gh`.
 *
 * Facts: `apps.json` (`github.com:<client>` -> `{user, oauth_token}`) and the older `hosts.json` (`github.com` -> the same) in
 * `~/.config/github-copilot`, on Windows under the local application data: CopilotC-Nvim/CopilotChat.nvim
 * lua/CopilotChat/config/providers.lua; `hosts.yml` of gh: cli/go-gh pkg/config/config.go `ConfigDir`, and for
 * `users`, where it has several, cli/cli internal/config/migration/multi_account.go. gh keeps its token in
 * the system's keychain where there is one; then the file has none, and nothing is found.
 */
export async function existingGitHubLogins(context: ImportContext): Promise<Existing[]> {
  const found: Existing[] = []
  for (const path of pathsOf(context)) {
    for (const [host, entry] of Object.entries(await hostsIn(path, context))) {
      const name = host.split(':', 1)[0]
      const { success, data } = copilotSettings.safeParse(name === 'github.com' ? {} : { domain: name })
      if (!success || !isObject(entry)) continue
      for (const { user = 'github', token } of tokensOf(entry)) {
        const account = nameAt(user, data.domain)
        if (found.some((login) => login.account === account)) continue
        const secret = new Secret(token)
        found.push({
          account,
          tokens: { accessToken: secret, refreshToken: secret },
          // In the past: the first use exchanges the GitHub token for Copilot's.
          expiresAt: 0,
          metadata: knownFacts(data),
          source: path,
        })
      }
    }
  }
  return found
}

/** The token of a host, which is that of the user at work, and those of its other users. */
function tokensOf(entry: Record<string, unknown>): { user: string | undefined; token: string }[] {
  const users = isObject(entry['users']) ? Object.entries(entry['users']) : []
  return [[textOf(entry['user']), entry] as const, ...users].flatMap(([user, holder]) => {
    const token = isObject(holder) ? textOf(holder['oauth_token']) : undefined
    return token === undefined ? [] : [{ user, token }]
  })
}

/** The hosts of a file; none of one that is not there, or cannot be read: another may have a login. */
async function hostsIn(path: string, { report }: ImportContext): Promise<Record<string, unknown>> {
  try {
    const text = (await readOthersFile(path)) ?? ''
    // gh leaves an empty file where nobody is signed in any more.
    if (text.trim() === '') return {}
    return path.endsWith('.yml') ? yamlOf(text, path) : objectOf(text, path)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    report(error)
    return {}
  }
}

function pathsOf({ home, env, platform }: ImportContext): string[] {
  const windows = platform === 'win32'
  const config = xdgFolder(env, 'XDG_CONFIG_HOME', join(home, '.config'))
  const local = folderOf(env, 'LOCALAPPDATA', join(home, 'AppData', 'Local'))
  const roaming = folderOf(env, 'APPDATA', join(home, 'AppData', 'Roaming'))
  const copilot = join(windows ? local : config, 'github-copilot')
  const gh = folderOf(env, 'GH_CONFIG_DIR', windows ? join(roaming, 'GitHub CLI') : join(config, 'gh'))
  return [join(copilot, 'apps.json'), join(copilot, 'hosts.json'), join(gh, 'hosts.yml')]
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
