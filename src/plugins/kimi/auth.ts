import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { deviceCode, Secret, version } from '../../index.ts'
import type { Existing, ImportContext } from '../../index.ts'
import { claimsOf, dateOf, folderOf, knownFacts, readOthersFile, readOthersJson, textOf } from '../../kit.ts'

/**
 * Signing in with a Kimi Code subscription.
 *
 * Facts: MoonshotAI/kimi-cli src/kimi_cli/auth/oauth.py (`KIMI_CODE_CLIENT_ID`, `DEFAULT_OAUTH_HOST` with its paths,
 * `_common_headers`, no scope). byok names itself in those headers; the device id is one of this login's own.
 */
export const kimiLogin = deviceCode({
  label: 'Kimi login',
  clientId: '17e5f671-d194-4dfb-9706-5516cb48c098',
  deviceUrl: 'https://auth.kimi.com/api/oauth/device_authorization',
  tokenUrl: 'https://auth.kimi.com/api/oauth/token',
  scopes: [],
  // oauth.py `refresh_token`; MoonshotAI/kimi-code packages/oauth/src/oauth.ts agrees.
  finalStatuses: [401, 403],
  headers: ({ loginId, before }) => kimiHeaders(before?.metadata['device_id'] ?? loginId),
  complete: async (_context, { tokens }, { loginId, before }) => {
    const account = userOf(tokens.accessToken)
    return {
      ...(account !== undefined && { account }),
      metadata: { device_id: before?.metadata['device_id'] ?? loginId },
    }
  },
  identity: ({ tokens }) => userOf(tokens.accessToken),
  existing: existingKimi,
})

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
 */
async function existingKimi({ home, env }: ImportContext): Promise<Existing[]> {
  const found = [
    await loginIn(folderOf(env, 'KIMI_CODE_HOME', join(home, '.kimi-code')), 'kimi-code'),
    await loginIn(folderOf(env, 'KIMI_SHARE_DIR', join(home, '.kimi')), 'kimi-cli'),
  ]
  return found.flat()
}

async function loginIn(folder: string, account: string): Promise<Existing[]> {
  const source = join(folder, 'credentials', 'kimi-code.json')
  const file = await readOthersJson(source)
  const accessToken = textOf(file?.['access_token'])
  if (!file || accessToken === undefined) return []
  const refreshToken = textOf(file['refresh_token'])
  const expiresAt = dateOf(Number(file['expires_at'] ?? NaN) * 1000)
  const deviceId = textOf(await readOthersFile(join(folder, 'device_id')))
  return [
    {
      account,
      tokens: {
        accessToken: new Secret(accessToken),
        ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
      },
      ...(expiresAt !== undefined && { expiresAt }),
      metadata: knownFacts({ device_id: deviceId }),
      source,
    },
  ]
}
