import { invalidRequest, tokenOf } from '../../index.ts'
import type { Credential, ExecutorContext, UpstreamResponse } from '../../index.ts'
import { writtenJson } from '../../kit.ts'
import { tokenType } from './external-idp.ts'

/** `runtime` serves answers, `management` what there is. */
type Service = 'runtime' | 'management'

/** Where a key is served, for a key does not say. */
const REGION = 'us-east-1'

/**
 * The profile of every AWS Builder ID, which has none of its own. Kiro refuses a login without a profile, and kiro-cli
 * sends this one.
 *
 * @see hongyilyu/opencode-v2-kiro-auth, src/constants.ts `KIRO_PROFILE_ARN_PLACEHOLDER`
 */
const BUILDER_ID_PROFILE = 'arn:aws:codewhisperer:us-east-1:638616132270:profile/AAAACCCCXXXX'

interface Call {
  service: Service
  operation: string
  /** The operation's own path, with which its input is plain JSON. Without it the call is awsJson1.0. */
  path?: string
  accept: string
  body: object
}

/**
 * Calls an operation: its name is in a header, its input, with the account's profile, in the body. The content type of
 * awsJson1.0 has no charset, which would make it another type to Kiro.
 *
 * Sources: hongyilyu/opencode-v2-kiro-auth, src/client.ts and src/constants.ts; `tokentype` and that a key takes no
 * profile: d-kuro/kirocc, README.md, "Use with a Kiro API key", kiro.dev/docs/cli/headless.
 */
export async function call(
  { credential, config, fetch }: Pick<ExecutorContext, 'credential' | 'config' | 'fetch'>,
  { service, operation, path = '/', accept, body }: Call,
): Promise<UpstreamResponse> {
  const token = tokenOf(credential)
  const profileArn = profileOf(credential)
  return await fetch(`${baseOf(service, credential, config, profileArn)}${path}`, {
    method: 'POST',
    headers: {
      'content-type': path === '/' ? 'application/x-amz-json-1.0' : 'application/json',
      accept,
      'x-amz-target': operation,
      // Keeps what is said out of AWS's service improvement: aws/amazon-q-developer-cli,
      // crates/chat-cli/src/api_client/opt_out.rs.
      'x-amzn-codewhisperer-optout': 'true',
      authorization: `Bearer ${token.reveal()}`,
      ...(credential.kind === 'api_key' ? { tokentype: 'API_KEY' } : tokenType(credential.metadata['auth_method'])),
    },
    body: writtenJson(profileArn === undefined ? body : { ...body, profileArn }),
  })
}

/** A key stands for its account's profile and takes none beside it. */
function profileOf(credential: Credential): string | undefined {
  if (credential.kind === 'api_key') return undefined
  const { profile_arn: arn = '', auth_method: method } = credential.metadata
  if (arn !== '') return arn
  return method === 'builder-id' ? BUILDER_ID_PROFILE : undefined
}

/**
 * Where an account's requests go. Its profile says where it is served, which need not be where it signed in. Kiro serves
 * `us-east-1`, `eu-central-1` and the two GovCloud regions; a key of another than the first needs `base_url`.
 *
 * Sources: d-kuro/kirocc, README.md, "Custom API region"; jwadow/kiro-gateway, kiro/config.py.
 * @throws {ChatError} when the login names a region that is none.
 */
function baseOf(
  service: Service,
  credential: Credential,
  config: ExecutorContext['config'],
  profileArn: string | undefined,
): string {
  if (credential.kind === 'api_key') return credential.baseUrl ?? config.base_url ?? hostOf(service, REGION)
  return config.oauth_base_url ?? hostOf(service, regionOfArn(profileArn) ?? credential.metadata['region'] ?? REGION)
}

/** `arn:aws:codewhisperer:<region>:<account>:profile/<id>` */
function regionOfArn(arn: string | undefined): string | undefined {
  return arn?.split(':')[3] || undefined
}

/** The region becomes part of a host name, which must stay Kiro's. */
function hostOf(service: Service, region: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return `https://${service}.${region}.kiro.dev`
  throw invalidRequest('The Kiro login names a region that byok cannot read. Sign in again with `byok login kiro`.')
}
