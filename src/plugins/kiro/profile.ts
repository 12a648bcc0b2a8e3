import { AuthError } from '../../index.ts'
import type { AuthContext } from '../../index.ts'
import { askFor, objects, textOf } from '../../kit.ts'
import { tokenType } from './external-idp.ts'

/** Where Kiro has profiles, other than GovCloud: https://docs.aws.amazon.com/amazonq/latest/qdeveloper-ug/regions.html. */
export const REGIONS = ['us-east-1', 'eu-central-1']

/** Whether a login is one that Kiro wants a profile of and that came without, as the IDE's file of a company's does. */
export function lacksProfile({ auth_method: method, profile_arn: arn }: Record<string, string | undefined>): boolean {
  return arn === undefined && method !== 'builder-id'
}

/**
 * The ARN of the account's profile, which every request names; `undefined` for a Builder ID, which has none of its own.
 *
 * Facts: https://github.com/aws/amazon-q-developer-cli crates/amzn-codewhisperer-client (operation `ListAvailableProfiles`,
 * AWS JSON 1.0, bearer token); the host and `maxResults` as several clients of Kiro have them.
 */
export async function findProfile(
  context: AuthContext,
  accessToken: string,
  { region, method }: { region: string; method: string | undefined },
): Promise<string | undefined> {
  const own = context.config.oauth_base_url
  const regions = REGIONS.includes(region) ? [region, ...REGIONS.filter((other) => other !== region)] : REGIONS
  const hosts = own === undefined ? regions.map((name) => `https://q.${name}.amazonaws.com`) : [own]
  for (const host of hosts) {
    try {
      const body = await askFor(context, "the account's profile", {
        url: `${host}/`,
        json: { maxResults: 10 },
        headers: {
          authorization: `Bearer ${accessToken}`,
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'AmazonCodeWhispererService.ListAvailableProfiles',
          ...tokenType(method),
        },
        repeatable: true,
      })
      const arn = objects(body['profiles'])
        .map((profile) => textOf(profile['arn']))
        .find((found) => found !== undefined)
      if (arn !== undefined) return arn
    } catch (error) {
      // A Builder ID is refused here; the login is good without.
      if (!(error instanceof AuthError)) throw error
    }
  }
  return undefined
}
