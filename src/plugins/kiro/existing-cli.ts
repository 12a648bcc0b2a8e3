import { join } from 'node:path'
import { z } from 'zod'
import type { Existing, ImportContext } from '../../index.ts'
import { folderOf, objectOf, readOthersDatabase, textOf, xdgFolder } from '../../kit.ts'
import { EXTERNAL_IDP, providerFacts } from './external-idp.ts'
import { foundLogin } from './found-login.ts'

/** AWS Builder ID, which is also meant where no start URL is named. */
const BUILDER_ID = 'https://view.awsapps.com/start'

const SOCIAL = 'kirocli:social:token'
const OIDC = 'kirocli:odic:token'
const EXTERNAL = 'kirocli:external-idp:token'
const CLIENT = 'kirocli:odic:device-registration'
const PROFILE = 'api.codewhisperer.profile'

const QUERY = `SELECT key, CAST(value AS TEXT) AS value FROM auth_kv WHERE key IN ('${SOCIAL}', '${OIDC}', '${EXTERNAL}', '${CLIENT}')
  UNION ALL SELECT key, CAST(value AS TEXT) FROM state WHERE key = '${PROFILE}'`
const rowsSchema = z.array(z.object({ key: z.string(), value: z.string() }))

/**
 * The login of Kiro CLI, in its SQLite database.
 *
 * Facts: aws/amazon-q-developer-cli, of which Kiro CLI is made, in crates/chat-cli/src: auth/builder_id.rs (`BuilderIdToken`,
 * `DeviceRegistration`, `TokenType`) and auth/social.rs (`SocialToken`) for the keys and the JSON, database/mod.rs for the tables
 * `auth_kv` and `state` and the profile, util/paths.rs for the folder. Of `EXTERNAL`, which is newer than that source: hank9999/kiro.rs
 * issue 189.
 */
export async function existingKiroCli(context: ImportContext): Promise<Existing[]> {
  const source = join(folderIn(context), 'data.sqlite3')
  const rows = rowsSchema.safeParse((await readOthersDatabase(source, QUERY)) ?? []).data ?? []
  const values = new Map(rows.map(({ key, value }) => [key, value]))
  const entry = (key: string) => {
    const text = values.get(key)
    // What was signed out of may be there as `null`.
    return text === undefined || text === 'null' ? undefined : objectOf(text, source)
  }
  const [social, oidc] = [entry(SOCIAL), entry(OIDC)]
  if (social) {
    const facts = { region: 'us-east-1', auth_method: 'social', profile_arn: textOf(social['profile_arn']) }
    return loginOf(social, facts, source)
  }
  const [client, profile] = [entry(CLIENT), entry(PROFILE)]
  const external = oidc ? undefined : entry(EXTERNAL)
  if (external) {
    const facts = {
      region: textOf(external['region']) ?? 'us-east-1',
      auth_method: EXTERNAL_IDP,
      client_id: textOf(external['client_id']),
      ...providerFacts(external['token_endpoint'], external['scopes']),
      profile_arn: textOf(profile?.['arn']),
    }
    return loginOf(external, facts, source)
  }
  if (!oidc) return []
  const startUrl = textOf(oidc['start_url']) ?? BUILDER_ID
  const facts = {
    region: textOf(oidc['region']) ?? 'us-east-1',
    start_url: startUrl,
    auth_method: startUrl === BUILDER_ID ? 'builder-id' : 'idc',
    client_id: textOf(client?.['client_id']),
    profile_arn: textOf(profile?.['arn']),
  }
  return loginOf(oidc, facts, source, textOf(client?.['client_secret']))
}

function loginOf(
  token: Record<string, unknown>,
  facts: Record<string, string | undefined>,
  source: string,
  clientSecret?: string,
): Existing[] {
  const accessToken = textOf(token['access_token'])
  if (accessToken === undefined) return []
  const refreshToken = textOf(token['refresh_token'])
  const expiresAt = token['expires_at']
  return [foundLogin({ account: 'kiro-cli', accessToken, refreshToken, clientSecret, expiresAt, facts, source })]
}

/** `data_local_dir` of the Rust crate `dirs`, and the CLI's name. */
function folderIn({ env, home, platform }: ImportContext): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'kiro-cli')
  if (platform === 'win32') return join(folderOf(env, 'LOCALAPPDATA', join(home, 'AppData', 'Local')), 'kiro-cli')
  return join(xdgFolder(env, 'XDG_DATA_HOME', join(home, '.local', 'share')), 'kiro-cli')
}
