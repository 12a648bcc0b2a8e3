import { createHash } from 'node:crypto'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { deviceCode, version } from '../../index.ts'
import type { AuthContext, Existing, ImportContext, OAuthMethod, Secret } from '../../index.ts'
import { claimsOf, dateOf, folderOf, knownFacts, readOthersFile, readOthersJson, textOf, tokensOf } from '../../kit.ts'
import { regionOf, regionOfLogin, REGIONS } from './region.ts'
import type { KimiRegion } from './region.ts'

/**
 * Signing in with a Kimi Code subscription.
 *
 * Facts: MoonshotAI/kimi-cli src/kimi_cli/auth/oauth.py (`KIMI_CODE_CLIENT_ID`, `DEFAULT_OAUTH_HOST` with its paths,
 * `_common_headers`, no scope). byok names itself in those headers; the device id is one of this login's own.
 */
const method = deviceCode({
  label: 'Kimi login',
  clientId: '17e5f671-d194-4dfb-9706-5516cb48c098',
  ...urlsOf('mainland-cn'),
  scopes: [],
  // oauth.py `refresh_token`; MoonshotAI/kimi-code packages/oauth/src/oauth.ts agrees.
  finalStatuses: [401, 403],
  headers: ({ loginId, before }) => kimiHeaders(before?.metadata['device_id'] ?? loginId),
  complete: async ({ config }, { tokens }, { loginId, before }) => {
    const account = userOf(tokens.accessToken)
    return {
      ...(account !== undefined && { account }),
      metadata: {
        device_id: before?.metadata['device_id'] ?? loginId,
        ...(!before && factsOf(regionOf(config))),
      },
    }
  },
  identity: ({ tokens }) => userOf(tokens.accessToken),
  existing: existingKimi,
})

/** A new one at the site that config names; a login that is there stays at its own. */
export const kimiLogin: OAuthMethod = {
  ...method,
  login: async (context) => await method.login(at(regionOf(context.config), context)),
  refresh: async (context) => await method.refresh(at(regionOfLogin(context.account.metadata), context)),
}

function urlsOf(region: KimiRegion) {
  const { auth } = REGIONS[region]
  return { deviceUrl: `${auth}/api/oauth/device_authorization`, tokenUrl: `${auth}/api/oauth/token` }
}

function at<Context extends AuthContext>(region: KimiRegion, context: Context): Context {
  const { deviceUrl, tokenUrl } = urlsOf(region)
  const oauth = { device_url: deviceUrl, token_url: tokenUrl, ...context.config.oauth }
  return { ...context, config: { ...context.config, oauth } }
}

/** What a login says of its region. */
function factsOf(region: KimiRegion): Record<string, string> {
  return region === 'global' ? { region } : {}
}

function userOf(accessToken: Secret): string | undefined {
  const claims = claimsOf(accessToken.reveal())
  return textOf(claims['email']) ?? textOf(claims['user_id']) ?? textOf(claims['sub'])
}

/** What Kimi's servers want to know of the program and the device. */
export function kimiHeaders(deviceId: string): Record<string, string> {
  return {
    'x-msh-platform': 'byok',
    'x-msh-version': version,
    'x-msh-device-name': 'byok',
    'x-msh-device-model': `${platform()} ${arch()}`,
    'x-msh-device-id': deviceId,
  }
}

/**
 * The logins of Kimi Code, and of kimi-cli before it: each has `credentials/kimi-code.json` in a folder of its own, and
 * `device_id` there, which is the device the login is bound to. MoonshotAI/kimi-code packages/oauth/src (storage.ts, identity.ts;
 * region.ts: that file is one of auth.kimi.com's alone) and packages/agent-core/src/config/path.ts; kimi-cli oauth.py
 * (`get_device_id`, `_common_headers`), share.py.
 *
 * One of kimi.ai is in a file named for where it belongs: managed-kimi-code.ts `resolveKimiCodeOAuthKey`, toolkit.ts
 * `resolveKimiTokenStorageName`.
 */
async function existingKimi({ home, env }: ImportContext): Promise<Existing[]> {
  const folder = folderOf(env, 'KIMI_CODE_HOME', join(home, '.kimi-code'))
  const found = [
    await loginIn(folder, 'kimi-code', 'mainland-cn'),
    await loginIn(folder, 'kimi-code-global', 'global'),
    await loginIn(folderOf(env, 'KIMI_SHARE_DIR', join(home, '.kimi')), 'kimi-cli', 'mainland-cn'),
  ]
  return found.flat()
}

const FILES: Record<KimiRegion, string> = {
  'mainland-cn': 'kimi-code.json',
  global: `kimi-code-env-${placeOf(REGIONS.global)}.json`,
}

function placeOf({ auth, api }: { auth: string; api: string }): string {
  return createHash('sha256')
    .update(JSON.stringify({ oauthHost: auth, baseUrl: api }))
    .digest('hex')
    .slice(0, 16)
}

async function loginIn(folder: string, account: string, region: KimiRegion): Promise<Existing[]> {
  const source = join(folder, 'credentials', FILES[region])
  const file = await readOthersJson(source)
  const tokens = tokensOf(file?.['access_token'], file?.['refresh_token'])
  if (!file || !tokens) return []
  const expiresAt = dateOf(Number(file['expires_at'] ?? NaN) * 1000)
  const deviceId = textOf(await readOthersFile(join(folder, 'device_id')))
  return [
    {
      account,
      tokens,
      ...(expiresAt !== undefined && { expiresAt }),
      metadata: { ...knownFacts({ device_id: deviceId }), ...factsOf(region) },
      source,
    },
  ]
}
