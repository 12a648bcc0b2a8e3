import { join } from 'node:path'
import { AuthError } from '../../index.ts'
import type { Existing, ImportContext } from '../../index.ts'
import { readOthersJson, textOf } from '../../kit.ts'
import { existingKiroCli } from './existing-cli.ts'
import { providerFacts } from './external-idp.ts'
import { foundLogin } from './found-login.ts'

/** The logins of the Kiro IDE and of Kiro CLI. */
export async function existingKiro(context: ImportContext): Promise<Existing[]> {
  const found: Existing[] = []
  for (const look of [inIde, existingKiroCli]) {
    try {
      found.push(...(await look(context)))
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      context.report(error)
    }
  }
  return found
}

/**
 * The login of the Kiro IDE, in the cache it shares with the AWS tools.
 *
 * Facts: router-for-me/CLIProxyAPIPlus internal/auth/kiro/aws.go (`KiroIDETokenFile`, `KiroTokenData`); the client it was made
 * with lies beside it under the name that `clientIdHash` gives, as in justlovemaki/AIClient-2-API
 * src/providers/claude/claude-kiro.js.
 */
async function inIde({ home }: ImportContext): Promise<Existing[]> {
  const folder = join(home, '.aws', 'sso', 'cache')
  const source = join(folder, 'kiro-auth-token.json')
  const file = await readOthersJson(source)
  const accessToken = textOf(file?.['accessToken'])
  if (!file || accessToken === undefined) return []
  const refreshToken = textOf(file['refreshToken'])
  const hash = textOf(file['clientIdHash'])
  const client =
    hash !== undefined && /^\w+$/.test(hash) ? await readOthersJson(join(folder, `${hash}.json`)) : undefined
  const clientId = textOf(client?.['clientId']) ?? textOf(file['clientId'])
  const clientSecret = textOf(client?.['clientSecret']) ?? textOf(file['clientSecret'])
  const facts = {
    region: textOf(file['region']) ?? 'us-east-1',
    auth_method: methodOf(file, clientId),
    profile_arn: textOf(file['profileArn']),
    client_id: clientId,
    ...providerFacts(file['tokenEndpoint'], file['scopes']),
  }
  const account = textOf(file['email']) ?? textOf(file['provider'])?.toLowerCase() ?? 'kiro'
  const expiresAt = file['expiresAt']
  return [foundLogin({ account, accessToken, refreshToken, clientSecret, expiresAt, facts, source })]
}

/** Kiro writes `social`, `external_idp` or `IdC`; a Builder ID is an `IdC` whose provider is `BuilderId`. */
function methodOf(file: Record<string, unknown>, clientId: string | undefined): string {
  if (/builder/i.test(textOf(file['provider']) ?? '')) return 'builder-id'
  const named = textOf(file['authMethod'])?.toLowerCase()
  return named ?? (clientId === undefined ? 'social' : 'idc')
}
