import { join } from 'node:path'
import { pkce, Secret } from '../../index.ts'
import type { Existing, ImportContext } from '../../index.ts'
import {
  claimsOf,
  codeAssistAccount,
  folderOf,
  GOOGLE_AUTH_URL,
  GOOGLE_TOKEN_URL,
  googleAuthParameters,
  googleIdentity,
  readOthersJson,
  textOf,
  tokensOf,
} from '../../kit.ts'

/**
 * Signing in with Google for Gemini Code Assist, as Gemini CLI does.
 *
 * Facts: google-gemini/gemini-cli packages/core/src/code_assist/oauth2.ts (`OAUTH_CLIENT_ID`, `OAUTH_CLIENT_SECRET`, which is
 * public by its own comment, `OAUTH_SCOPE`, `/oauth2callback`) and setup.ts (`coreClientMetadata`). The port is the peers':
 * AprilNEA/BYOKEY crates/auth/src/provider/gemini.rs, router-for-me/CLIProxyAPIPlus internal/auth/gemini/gemini_auth.go.
 *
 * The notice: developers.googleblog.com, "An important update: transitioning Gemini CLI to Antigravity CLI"; google-gemini/gemini-cli
 * issue 28229 ("This client is no longer supported for Gemini Code Assist for individuals").
 */
export const geminiLogin = pkce({
  label: 'Google login',
  notice:
    'Google ended this login for free, AI Pro and AI Ultra accounts on 18 June 2026. It remains for companies with Gemini Code Assist ' +
    'Standard or Enterprise; everybody else needs an API key (GEMINI_API_KEY).',
  clientId: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
  clientSecret: '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',
  authUrl: GOOGLE_AUTH_URL,
  tokenUrl: GOOGLE_TOKEN_URL,
  scopes: [
    'https://www.googleapis.com/auth/cloud-platform',
    'https://www.googleapis.com/auth/userinfo.email',
    'https://www.googleapis.com/auth/userinfo.profile',
  ],
  redirect: { port: 8085, path: '/oauth2callback' },
  authParameters: googleAuthParameters,
  complete: codeAssistAccount({
    metadata: { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' },
    projects: 'own',
  }),
  identity: googleIdentity,
  existing: existingGeminiCli,
})

/**
 * Gemini CLI's own login: `~/.gemini/oauth_creds.json`; packages/core/src/config/storage.ts `OAUTH_FILE`, and
 * packages/core/src/utils/paths.ts `homedir` for what it takes for the home.
 */
async function existingGeminiCli({ home, env }: ImportContext): Promise<Existing[]> {
  const source = join(folderOf(env, 'GEMINI_CLI_HOME', home), '.gemini', 'oauth_creds.json')
  const file = await readOthersJson(source)
  const tokens = tokensOf(file?.['access_token'], file?.['refresh_token'])
  if (!file || !tokens) return []
  const idToken = textOf(file['id_token'])
  const email = textOf(claimsOf(idToken ?? '')['email'])
  return [
    {
      account: email ?? 'gemini-cli',
      tokens: { ...tokens, ...(idToken !== undefined && { idToken: new Secret(idToken) }) },
      // In the past: the first use refreshes it, which finds the Code Assist project too.
      expiresAt: 0,
      source,
    },
  ]
}
