import { AuthError, deviceCode, Secret } from '../../index.ts'
import type { AuthContext, Login, OAuthMethod, Refreshed } from '../../index.ts'
import { ask, askFor, errorCodeOf, isObject, knownFacts, refreshTokenOf, refusal, renewed, textOf } from '../../kit.ts'
import type { AuthAnswer } from '../../kit.ts'
import { domainOf, loginUrls, nameAt } from './domain.ts'
import { existingGitHubLogins } from './existing.ts'

/**
 * Signing in with GitHub. The token that GitHub gives lasts; requests carry a short-lived one that it is exchanged for.
 *
 * Facts: AprilNEA/BYOKEY crates/auth/src/provider/copilot.rs (scope); router-for-me/CLIProxyAPIPlus
 * internal/auth/copilot/oauth.go (client, endpoints) and copilot_auth.go (`copilotAPITokenURL`, `CopilotAPIToken`).
 */
const method = deviceCode({
  label: 'GitHub login',
  clientId: 'Iv1.b507a08c87ecfe98',
  deviceUrl: loginUrls().device_url,
  tokenUrl: loginUrls().token_url,
  scopes: ['read:user'],
  complete: async (context, { tokens }): Promise<Partial<Login>> => {
    const [login, exchanged] = await Promise.all([
      gitHubLogin(context, tokens.accessToken),
      exchangeGitHubToken(context, tokens.accessToken),
    ])
    const domain = domainOf(context.config)
    return {
      ...exchanged,
      ...(login !== undefined && { account: nameAt(login, domain) }),
      metadata: { ...exchanged.metadata, ...knownFacts({ login, domain }) },
    }
  },
  refresh: async (context): Promise<Refreshed> => {
    const token = new Secret(refreshTokenOf(context, context.account))
    return renewed(context.account, await exchangeGitHubToken(context, token))
  },
  identity: ({ metadata: { login, domain } }) => (login === undefined ? undefined : nameAt(login, domain)),
  existing: existingGitHubLogins,
})

/** A new one at the domain that config names; a login that is there stays at its own. */
export const copilotLogin: OAuthMethod = {
  ...method,
  login: async (context) => await method.login(at(domainOf(context.config), context)),
  refresh: async (context) => await method.refresh(at(context.account.metadata['domain'], context)),
}

function at<Context extends AuthContext>(domain: string | undefined, context: Context): Context {
  const oauth = { ...loginUrls(domain), ...context.config.oauth }
  return { ...context, config: { ...context.config, oauth } }
}

/** The account's Copilot token: accessToken short-lived, refreshToken the GitHub token it came from. */
async function exchangeGitHubToken(context: AuthContext, gitHubToken: Secret): Promise<Refreshed> {
  const what = 'a Copilot token'
  const answer = await ask(context, what, {
    url: context.config.oauth?.exchange_url ?? loginUrls().exchange_url,
    headers: { authorization: `token ${gitHubToken.reveal()}` },
  })
  if (answer.status === 401) {
    const { message } = refusal(context, what, answer, [gitHubToken.reveal()])
    throw new AuthError(message, { code: 'github_token_refused', permanent: true, status: 401 })
  }
  if (answer.status === 404) throw noCopilot(context, answer)
  const body = isObject(answer.body) ? answer.body : {}
  const token = textOf(body['token'])
  if (errorCodeOf(answer) !== undefined || token === undefined) {
    throw refusal(context, what, answer, [gitHubToken.reveal()])
  }
  const { expires_at: expiresAt, refresh_in: refreshIn, endpoints } = body
  // By this clock where GitHub says how long: its `expires_at` is by its own.
  const ends =
    typeof refreshIn === 'number'
      ? Date.now() + refreshIn * 1000
      : typeof expiresAt === 'number'
        ? expiresAt * 1000
        : undefined
  return {
    tokens: { accessToken: new Secret(token), refreshToken: gitHubToken },
    ...(ends !== undefined && { expiresAt: ends }),
    metadata: knownFacts({ endpoint: isObject(endpoints) ? textOf(endpoints['api']) : undefined }),
  }
}

/**
 * GitHub hides from a token what it may not see. Seen with tokens of `gh` and personal ones: aaamoon/copilot-gpt4-service issue
 * 293, caozhiyuan/copilot-api issue 186.
 */
function noCopilot({ title, provider }: AuthContext, { status }: AuthAnswer): AuthError {
  return new AuthError(
    `GitHub gives no token of ${title} for this login (Not Found): its account has no Copilot, see ` +
      `https://github.com/settings/copilot, or it was made by a program that may not use Copilot, as \`gh\`. ` +
      `\`byok login ${provider}\` makes one that may.`,
    { code: 'no_copilot', permanent: true, status },
  )
}

async function gitHubLogin(context: AuthContext, token: Secret): Promise<string | undefined> {
  const user = await askFor(context, "the account's name", {
    url: context.config.oauth?.userinfo_url ?? loginUrls().userinfo_url,
    headers: { authorization: `Bearer ${token.reveal()}` },
  })
  return textOf(user['login'])
}
