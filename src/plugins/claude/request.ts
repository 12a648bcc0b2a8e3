import { baseUrlOf, tokenOf } from '../../index.ts'
import type { Credential, ProviderConfig } from '../../index.ts'

/** @see https://github.com/anthropics/anthropic-sdk-typescript/blob/main/src/client.ts `baseURL` */
const BASE_URL = 'https://api.anthropic.com'

/** anthropics/anthropic-sdk-typescript src/client.ts; AprilNEA/BYOKEY crates/provider/src/executor/claude.rs. */
const VERSION = '2023-06-01'

/**
 * Needed on every request signed with a login, which is refused without it (`OAUTH_API_BETA_HEADER` in
 * anthropics/anthropic-sdk-typescript src/lib/credentials/types.ts). AprilNEA/BYOKEY sends a list of Claude Code's own betas
 * besides, and its user agent, session and billing marks: they say who the client is, which byok says for itself.
 */
const OAUTH_BETA = 'oauth-2025-04-20'

/**
 * How the token of a Claude subscription begins. `claude setup-token` makes one that lasts a year, to be kept like a key, and Anthropic
 * takes none as `x-api-key`: router-for-me/CLIProxyAPI, internal/runtime/executor/claude_executor_request.go, `isClaudeOAuthToken`.
 */
const LOGIN_TOKEN = 'sk-ant-oat'

/** Where a request goes. A login may have another host than keys. */
export function urlOf(path: string, credential: Credential, config: ProviderConfig): string {
  return `${baseUrlOf(credential, config) ?? BASE_URL}${path}`
}

/** Whether requests go to Anthropic itself, and not to a server that follows its format. */
export function isAnthropics(credential: Credential, config: ProviderConfig): boolean {
  return (baseUrlOf(credential, config) ?? BASE_URL) === BASE_URL
}

/**
 * The headers that sign a request.
 *
 * @param betas The value of the client's own `anthropic-beta`, where it speaks this protocol and asks for such features.
 */
export function headersOf(credential: Credential, betas?: string | null): Record<string, string> {
  const asked = (betas ?? '').split(',').map((beta) => beta.trim())
  const token = tokenOf(credential).reveal()
  const isLogin = credential.kind === 'oauth' || token.startsWith(LOGIN_TOKEN)
  const all = new Set([...asked, ...(isLogin ? [OAUTH_BETA] : [])].filter((beta) => beta !== ''))
  return {
    'anthropic-version': VERSION,
    ...(all.size > 0 && { 'anthropic-beta': [...all].join(',') }),
    ...(isLogin ? { authorization: `Bearer ${token}` } : { 'x-api-key': token }),
  }
}
