import { join } from 'node:path'
import { pkce, Secret } from '../../index.ts'
import type { Existing, ImportContext } from '../../index.ts'
import {
  allOf,
  claimsOf,
  expiryOf,
  folderOf,
  isObject,
  knownFacts,
  readOthersJson,
  textOf,
  tokensOf,
} from '../../kit.ts'

/**
 * Signing in with ChatGPT, as Codex does.
 *
 * Facts: openai/codex codex-rs/login/src/server.rs (`DEFAULT_PORT`, `FALLBACK_PORT`, path, `build_authorize_url`, `exchange_code_for_tokens`) and
 * codex-rs/login/src/auth/manager.rs (`CLIENT_ID`, `RefreshRequest`, which is sent as JSON). The scopes are those that both
 * router-for-me/CLIProxyAPI and AprilNEA/BYOKEY ask for: Codex's further ones are for its connectors.
 */
export const codexLogin = pkce({
  label: 'ChatGPT login',
  clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
  authUrl: 'https://auth.openai.com/oauth/authorize',
  tokenUrl: 'https://auth.openai.com/oauth/token',
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  redirect: { port: 1455, otherPort: 1457, path: '/auth/callback' },
  authParameters: () => ({ id_token_add_organizations: 'true', codex_cli_simplified_flow: 'true' }),
  refreshFormat: 'json',
  complete: async (_context, { tokens }) => {
    const { email, metadata } = identityOf(tokens.idToken)
    return { ...(email !== undefined && { account: email }), metadata }
  },
  // A person may belong to several workspaces, each with an id of its own, and signs in to one; in each there may be others.
  identity: ({ tokens, metadata }) => allOf(identityOf(tokens.idToken).email, metadata['account_id']),
  existing: existingCodex,
})

/** The claims that Codex reads: codex-rs/login/src/token_data.rs `parse_chatgpt_jwt_claims`. */
function identityOf(idToken: Secret | undefined): { email: string | undefined; metadata: Record<string, string> } {
  const claims = idToken ? claimsOf(idToken.reveal()) : {}
  const profile = claims['https://api.openai.com/profile']
  const auth = claims['https://api.openai.com/auth']
  const chatgpt = isObject(auth) ? auth : {}
  return {
    email: textOf(claims['email']) ?? (isObject(profile) ? textOf(profile['email']) : undefined),
    metadata: knownFacts({
      account_id: textOf(chatgpt['chatgpt_account_id']),
      plan: textOf(chatgpt['chatgpt_plan_type']),
    }),
  }
}

/** Codex's own login: `auth.json` in CODEX_HOME; codex-rs/login/src/auth/storage.rs `AuthDotJson`. */
async function existingCodex({ home, env }: ImportContext): Promise<Existing[]> {
  const source = join(folderOf(env, 'CODEX_HOME', join(home, '.codex')), 'auth.json')
  const file = await readOthersJson(source)
  const kept = file?.['tokens']
  // With an API key there are no tokens.
  if (!isObject(kept)) return []
  const tokens = tokensOf(kept['access_token'], kept['refresh_token'])
  if (!tokens) return []
  const idText = textOf(kept['id_token'])
  const idToken = idText === undefined ? undefined : new Secret(idText)
  const { email, metadata } = identityOf(idToken)
  const expiresAt = expiryOf(tokens.accessToken.reveal())
  return [
    {
      account: email ?? 'codex',
      tokens: { ...tokens, ...(idToken && { idToken }) },
      ...(expiresAt !== undefined && { expiresAt }),
      metadata: { ...metadata, ...knownFacts({ account_id: textOf(kept['account_id']) }) },
      source,
    },
  ]
}
