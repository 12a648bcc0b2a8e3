import { join } from 'node:path'
import { deviceCode } from '../../index.ts'
import type { Existing, ImportContext } from '../../index.ts'
import { claimsOf, dateOf, folderOf, knownFacts, readOthersJson, textOf, tokensOf } from '../../kit.ts'

/**
 * Signing in with a Qwen account, as Qwen Code does: a device code, with PKCE.
 *
 * Facts: QwenLM/qwen-code packages/core/src/qwen/qwenOAuth2.ts (endpoints, client, scope; `resource_url` in the answers of
 * login and refresh; `oauth_creds.json` with `expiry_date` in milliseconds).
 *
 * The notice: QwenLM/qwen-code pull request 3291 ("existing cached tokens continue working until the server rejects them"), and
 * issue 3281, where a login succeeds and its requests are refused.
 */
export const qwenLogin = deviceCode({
  label: 'Qwen login',
  notice:
    'Qwen ended what this login gave, its free tier, on 15 April 2026: signing in may succeed and requests still be refused. An API key ' +
    'works (DASHSCOPE_API_KEY).',
  clientId: 'f0304373b74a44d2b584a3fb70ca9e56',
  deviceUrl: 'https://chat.qwen.ai/api/v1/oauth2/device/code',
  tokenUrl: 'https://chat.qwen.ai/api/v1/oauth2/token',
  scopes: ['openid', 'profile', 'email', 'model.completion'],
  proves: true,
  // qwenOAuth2.ts `refreshAccessToken`: either makes it forget the login.
  finalStatuses: [400, 401],
  complete: async (_context, { body, tokens }) => {
    const email = tokens.idToken ? textOf(claimsOf(tokens.idToken.reveal())['email']) : undefined
    return {
      ...(email !== undefined && { account: email }),
      metadata: knownFacts({ email, resource_url: textOf(body['resource_url']) }),
    }
  },
  identity: ({ metadata }) => metadata['email'],
  existing: existingQwenCode,
})

/** Where Qwen Code has its files: packages/core/src/config/storage.ts, `getGlobalQwenDir`. */
async function existingQwenCode({ home, env }: ImportContext): Promise<Existing[]> {
  const named = folderOf(env, 'QWEN_HOME', join(home, '.qwen'))
  const source = join(
    named.replace(/^~(?=$|[/\\])/, () => home),
    'oauth_creds.json',
  )
  const file = await readOthersJson(source)
  const tokens = tokensOf(file?.['access_token'], file?.['refresh_token'])
  if (!file || !tokens) return []
  const expiresAt = dateOf(file['expiry_date'])
  return [
    {
      account: 'qwen-code',
      tokens,
      ...(expiresAt !== undefined && { expiresAt }),
      metadata: knownFacts({ resource_url: textOf(file['resource_url']) }),
      source,
    },
  ]
}
