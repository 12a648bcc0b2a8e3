import { z } from 'zod'
import { AuthError, Secret } from '../../index.ts'
import type { AuthContext, Login, LoginContext, OAuthMethod, RefreshContext, Refreshed } from '../../index.ts'
import {
  askFor,
  claimsOf,
  DEVICE_GRANT,
  endOf,
  FINAL_STATUSES,
  isWebAddress,
  knownFacts,
  pollForTokens,
  refreshTokenOf,
  renewed,
  textOf,
} from '../../kit.ts'
import { existingKiro } from './existing.ts'
import { EXTERNAL_IDP, refreshAtProvider } from './external-idp.ts'
import { findPerson } from './person.ts'
import { findProfile, lacksProfile } from './profile.ts'

/** The config keys that say where a person of a company signs in. */
export const kiroSettings = z.object({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is not the name of an AWS region')
    .default('us-east-1')
    .describe('The AWS region of the IAM Identity Center to sign in at.'),
  start_url: z
    .url({ protocol: /^https?$/ })
    .default('https://view.awsapps.com/start')
    .describe("The company's AWS access portal; the default is AWS Builder ID."),
})

/**
 * Signing in with AWS Builder ID or IAM Identity Center, by the device flow of AWS SSO OIDC.
 *
 * Facts: https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference (RegisterClient, StartDeviceAuthorization,
 * CreateToken, with their JSON names); justlovemaki/AIClient-2-API src/auth/kiro-oauth.js and router-for-me/CLIProxyAPIPlus
 * internal/auth/kiro/sso_oidc.go (scopes, start URL).
 */
export const kiroLogin: OAuthMethod = {
  kind: 'oauth',
  label: 'AWS login',
  login,
  refresh,
  identity: ({ metadata }) => metadata['user_id'] ?? metadata['email'],
  existing: existingKiro,
}

const SCOPES = ['codewhisperer:completions', 'codewhisperer:analysis', 'codewhisperer:conversations']
const BUILDER_ID = 'https://view.awsapps.com/start'

/** The endpoints of a region; config's `oauth` goes over each. */
function endpointsOf({ config }: AuthContext, region: string) {
  const base = `https://oidc.${region}.amazonaws.com`
  return {
    register: config.oauth?.register_url ?? `${base}/client/register`,
    device: config.oauth?.device_url ?? `${base}/device_authorization`,
    token: config.oauth?.token_url ?? `${base}/token`,
  }
}

const clientSchema = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) })
const deviceSchema = z.object({
  deviceCode: z.string().min(1),
  userCode: z.string().min(1),
  verificationUri: z.string(),
  verificationUriComplete: z.string().nullish(),
  expiresIn: z.number().positive().default(600),
  interval: z.number().nonnegative().default(5),
})
/** What is odd beside the access token is taken for absent, lest a refresh token be lost with it. */
const tokenSchema = z.object({
  accessToken: z.string().min(1),
  refreshToken: z.string().nullish().catch(undefined),
  expiresIn: z.unknown(),
  profileArn: z.string().nullish().catch(undefined),
})
/** How long a token is taken to be good where Kiro does not say: what it usually says. */
const USUAL_LIFE = 3600

async function login(context: LoginContext): Promise<Login> {
  const { region, start_url: startUrl } = kiroSettings.parse({
    region: context.config['region'],
    start_url: context.config['start_url'],
  })
  const endpoints = endpointsOf(context, region)
  const client = await clientOf(context, endpoints.register)
  const device = checked(
    context,
    deviceSchema,
    await askFor(context, 'a device code', { url: endpoints.device, json: { ...client, startUrl } }),
  )
  if (!isWebAddress(device.verificationUri)) throw badAnswer(context)
  const complete = device.verificationUriComplete
  const body = await pollForTokens(
    context,
    {
      deviceCode: device.deviceCode,
      userCode: device.userCode,
      verificationUrl: device.verificationUri,
      ...(isWebAddress(complete) && { completeUrl: complete }),
      expiresIn: device.expiresIn,
      interval: device.interval,
    },
    { url: endpoints.token, json: { ...client, deviceCode: device.deviceCode, grantType: DEVICE_GRANT } },
  )
  const given = checked(context, tokenSchema, body)
  const method = startUrl === BUILDER_ID ? 'builder-id' : 'idc'
  const profileArn = given.profileArn || (await findProfile(context, given.accessToken, { region, method }))
  const person = await findPerson(context, given.accessToken, profileArn)
  const email = person.email ?? textOf(claimsOf(given.accessToken)['email'])
  return {
    account: email ?? (startUrl === BUILDER_ID ? 'builder-id' : new URL(startUrl).hostname),
    tokens: {
      accessToken: new Secret(given.accessToken),
      ...(given.refreshToken && { refreshToken: new Secret(given.refreshToken) }),
      extra: { client_secret: new Secret(client.clientSecret) },
    },
    expiresAt: endOf(given.expiresIn) ?? Date.now() + USUAL_LIFE * 1000,
    metadata: knownFacts({
      region,
      start_url: startUrl,
      auth_method: method,
      client_id: client.clientId,
      profile_arn: profileArn,
      email,
      user_id: person.id,
    }),
  }
}

/** The client that config names, or one registered for this login alone. */
async function clientOf(context: LoginContext, registerUrl: string): Promise<z.output<typeof clientSchema>> {
  const { client_id: clientId, client_secret: secret, scopes } = context.config.oauth ?? {}
  if ((clientId === undefined) !== (secret === undefined)) {
    throw new AuthError(
      `providers.${context.provider}.oauth.client_id and client_secret go together: give both, or none.`,
      { code: 'bad_config' },
    )
  }
  if (clientId !== undefined && secret) return { clientId, clientSecret: secret.reveal() }
  const body = await askFor(context, 'a client registration', {
    url: registerUrl,
    json: {
      clientName: 'byok',
      clientType: 'public',
      scopes: scopes ?? SCOPES,
      grantTypes: [DEVICE_GRANT, 'refresh_token'],
    },
  })
  return checked(context, clientSchema, body)
}

async function refresh(context: RefreshContext): Promise<Refreshed> {
  const { account, keep } = context
  const { auth_method: method, region = 'us-east-1' } = account.metadata
  const given = await waysToRefresh(method)(context)
  const { tokens, metadata = {}, ...refreshed } = renewed(account, given)
  if (!lacksProfile(metadata)) return { tokens, metadata, ...refreshed }
  if (given.tokens.refreshToken) await keep(given.tokens.refreshToken)
  const arn = await findProfile(context, tokens.accessToken.reveal(), { region, method })
  return { tokens, metadata: { ...metadata, ...knownFacts({ profile_arn: arn }) }, ...refreshed }
}

function waysToRefresh(method: string | undefined) {
  if (method === 'social') return refreshSocial
  return method === EXTERNAL_IDP ? refreshAtProvider : refreshAws
}

/** For logins by AWS SSO OIDC, with the client that they were made with. */
async function refreshAws(context: RefreshContext): Promise<Refreshed> {
  const { account } = context
  const { region = 'us-east-1', client_id: clientId } = account.metadata
  const clientSecret = account.tokens.extra?.['client_secret']?.reveal()
  if (clientId === undefined || clientSecret === undefined) {
    throw new AuthError(`${context.title}'s login lacks the client it was made with.`, {
      code: 'no_client',
      permanent: true,
    })
  }
  const refreshToken = refreshTokenOf(context, account)
  const body = await askFor(context, 'new tokens', {
    url: endpointsOf(context, region).token,
    json: { clientId, clientSecret, refreshToken, grantType: 'refresh_token' },
    finalStatuses: FINAL_STATUSES,
  })
  return readTokens(context, body)
}

/**
 * For logins by Google or GitHub, which are made in Kiro itself and taken over from there.
 *
 * Facts: router-for-me/CLIProxyAPIPlus internal/auth/kiro/social_auth.go (`RefreshSocialToken`); a token that is none is a 400 without a code,
 * "Invalid refresh token provided" (caidaoli/kiro2api issue 4).
 */
async function refreshSocial(context: RefreshContext): Promise<Refreshed> {
  const { region = 'us-east-1' } = context.account.metadata
  const body = await askFor(context, 'new tokens', {
    url: context.config.oauth?.token_url ?? `https://prod.${region}.auth.desktop.kiro.dev/refreshToken`,
    json: { refreshToken: refreshTokenOf(context, context.account) },
    finalStatuses: [...FINAL_STATUSES, 400],
  })
  return readTokens(context, body)
}

function readTokens(context: AuthContext, body: Record<string, unknown>): Refreshed {
  const { accessToken, refreshToken, expiresIn, profileArn } = checked(context, tokenSchema, body)
  return {
    tokens: {
      accessToken: new Secret(accessToken),
      ...(refreshToken && { refreshToken: new Secret(refreshToken) }),
    },
    expiresAt: endOf(expiresIn) ?? Date.now() + USUAL_LIFE * 1000,
    metadata: knownFacts({ profile_arn: profileArn || undefined }),
  }
}

function checked<T>(context: AuthContext, schema: z.ZodType<T>, body: Record<string, unknown>): T {
  const { success, data } = schema.safeParse(body)
  if (success) return data
  throw badAnswer(context)
}

function badAnswer({ title }: AuthContext): AuthError {
  return new AuthError(`${title} sent an answer that byok cannot read.`, { code: 'bad_answer' })
}
