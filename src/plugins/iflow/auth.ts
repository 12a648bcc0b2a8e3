import { authCode, AuthError, Secret } from '../../index.ts'
import type { AuthContext, Login, TokenAnswer } from '../../index.ts'
import { askFor, isObject, knownFacts, textOf } from '../../kit.ts'

/**
 * Signing in with an iFlow account. What requests carry is the API key that the account's user info gives.
 *
 * Facts: router-for-me/CLIProxyAPIPlus internal/auth/iflow/iflow_auth.go (endpoints, client, port, path, parameters);
 * AprilNEA/BYOKEY crates/auth/src/provider/iflow.rs (`response_type`, `redirect_uri`). iFlow's own client sends the address to
 * come back to as `redirect`, and its secret both by HTTP Basic and in the body.
 *
 * The notice: router-for-me/CLIProxyAPI issue 2561, which quotes https://cli.iflow.cn; github/spec-kit issue 3166.
 */
export const iflowLogin = authCode({
  label: 'iFlow login',
  notice: 'iFlow closed its CLI, whose login this is, on 17 April 2026: signing in may no longer work.',
  clientId: '10009311001',
  clientSecret: '4Z3YjXycVsQvyGF1etiNlIBB4RsqSDtW',
  authUrl: 'https://iflow.cn/oauth',
  tokenUrl: 'https://iflow.cn/oauth/token',
  scopes: [],
  redirect: { port: 11451, path: '/oauth2callback' },
  authParameters: (redirectUri) => ({ loginMethod: 'phone', type: 'phone', redirect: redirectUri }),
  identity: ({ metadata }) => metadata['user'] ?? metadata['email'],
  complete: withApiKey,
})

const USER_INFO_URL = 'https://iflow.cn/api/oauth/getUserInfo'

/** The API key takes the access token's place; that one is kept beside it. */
async function withApiKey(context: AuthContext, { tokens }: TokenAnswer): Promise<Partial<Login>> {
  const token = tokens.accessToken.reveal()
  const url = new URL(context.config.oauth?.userinfo_url ?? USER_INFO_URL)
  url.searchParams.set('accessToken', token)
  const info = await askFor(context, "the account's API key", { url: url.href, secrets: [token] })
  const data = isObject(info['data']) ? info['data'] : {}
  const key = textOf(data['apiKey'])
  if (info['success'] === false || key === undefined) {
    throw new AuthError(
      'iFlow gave no API key for this account. Make one at https://platform.iflow.cn, then try again.',
      {
        code: 'no_api_key',
      },
    )
  }
  const name = textOf(data['email']) ?? textOf(data['phone'])
  return {
    ...(name !== undefined && { account: name }),
    tokens: { ...tokens, accessToken: new Secret(key), extra: { oauth_access_token: tokens.accessToken } },
    metadata: knownFacts({ email: textOf(data['email']), user: name }),
  }
}
