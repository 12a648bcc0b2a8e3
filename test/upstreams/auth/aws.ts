import { randomBytes } from 'node:crypto'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { RecordedRequest, Reply } from '../../../src/testing/fake-server.ts'
import type { FakeVendor } from './vendors.ts'

export interface AwsServer {
  url: string
  requests: RecordedRequest[]
  faults: string[]
  secrets: string[]
  userCode: string
  approve(): void
  /** The `startUrl` that a login named. */
  startUrl(): string | undefined
  /** Who signs in next; nobody in particular where none is named, as Kiro leaves it out of some answers. */
  person: { email?: string; userId?: string } | undefined
  close(): Promise<void>
}

const SCOPES = ['codewhisperer:completions', 'codewhisperer:analysis', 'codewhisperer:conversations']
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/**
 * AWS SSO OIDC with CodeWhisperer's list of profiles.
 *
 * Facts: https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference, its errors' names and JSON included.
 */
export async function startAws(profileArn?: string): Promise<FakeVendor<AwsServer>> {
  const clients = new Map<string, string>()
  const refreshTokens = new Set<string>()
  const accessTokens = new Set<string>()
  let device: { code: string; client: string; approved: boolean; startUrl: string } | undefined
  const server = await startFakeServer((request, reply) => {
    const body = (request.json ?? {}) as Record<string, unknown>
    if (request.method === 'GET' && request.path === '/getUsageLimits') return usageLimits(request, reply)
    if (request.method !== 'POST') return fault(reply, 'InvalidRequestException', request.method)
    switch (request.path) {
      case '/client/register':
        return register(body, reply)
      case '/device_authorization':
        return authorize(body, reply)
      case '/token':
        return token(body, reply)
      case '/':
        return profiles(request, body, reply)
      default:
        return fault(reply, 'UnknownOperationException', request.path)
    }
  })
  const fake: AwsServer = {
    url: server.url,
    requests: server.requests,
    faults: [],
    secrets: [],
    userCode: 'KIRO-CODE',
    approve: () => {
      if (device) device.approved = true
    },
    startUrl: () => device?.startUrl,
    person: undefined,
    close: () => server.close(),
  }
  return {
    server: fake,
    settings: {
      oauth_base_url: server.url,
      oauth: {
        register_url: `${server.url}/client/register`,
        device_url: `${server.url}/device_authorization`,
        token_url: `${server.url}/token`,
      },
    },
  }

  function register({ clientName, clientType, scopes, grantTypes }: Record<string, unknown>, reply: Reply): void {
    if (typeof clientName !== 'string' || clientType !== 'public')
      return fault(reply, 'InvalidRequestException', 'client')
    if (JSON.stringify(scopes) !== JSON.stringify(SCOPES)) return fault(reply, 'InvalidScopeException', 'scopes')
    if (!Array.isArray(grantTypes) || !grantTypes.includes(DEVICE_GRANT) || !grantTypes.includes('refresh_token')) {
      return fault(reply, 'InvalidRequestException', 'grantTypes')
    }
    const clientId = `client-${clients.size}`
    const clientSecret = secretText('client')
    clients.set(clientId, clientSecret)
    reply.json(200, { clientId, clientSecret, clientIdIssuedAt: 1, clientSecretExpiresAt: 9_999_999_999 })
  }

  function authorize({ clientId, clientSecret, startUrl }: Record<string, unknown>, reply: Reply): void {
    if (!isClient(clientId, clientSecret)) return fault(reply, 'InvalidClientException', 'client')
    if (typeof startUrl !== 'string') return fault(reply, 'InvalidRequestException', 'startUrl')
    device = { code: secretText('device'), client: String(clientId), approved: false, startUrl }
    reply.json(200, {
      deviceCode: device.code,
      userCode: fake.userCode,
      verificationUri: `${server.url}/device`,
      verificationUriComplete: `${server.url}/device?user_code=${fake.userCode}`,
      expiresIn: 600,
      interval: 0.02,
    })
  }

  function token(body: Record<string, unknown>, reply: Reply): void {
    if (!isClient(body['clientId'], body['clientSecret'])) return fault(reply, 'InvalidClientException', 'client')
    if (body['grantType'] === 'refresh_token') {
      if (!refreshTokens.delete(String(body['refreshToken'])))
        return fault(reply, 'InvalidGrantException', 'refreshToken')
      return issue(reply)
    }
    if (body['grantType'] !== DEVICE_GRANT) return fault(reply, 'UnsupportedGrantTypeException', 'grantType')
    if (body['deviceCode'] !== device?.code || device?.client !== body['clientId']) {
      return fault(reply, 'InvalidGrantException', 'deviceCode')
    }
    if (!device?.approved) {
      return reply.json(400, {
        error: 'authorization_pending',
        error_description: null,
        __type: 'AuthorizationPendingException',
      })
    }
    issue(reply)
  }

  function profiles(request: RecordedRequest, _body: unknown, reply: Reply): void {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (
      request.headers['x-amz-target'] !== 'AmazonCodeWhispererService.ListAvailableProfiles' ||
      request.headers['content-type'] !== 'application/x-amz-json-1.0' ||
      !accessTokens.has(bearer)
    ) {
      return fault(reply, 'AccessDeniedException', 'ListAvailableProfiles')
    }
    // A Builder ID has no profiles, and is told so.
    if (profileArn === undefined) return reply.json(400, { __type: 'com.amazon#AccessDeniedException', message: 'no' })
    reply.json(200, { profiles: [{ arn: profileArn, profileName: 'team' }] })
  }

  function usageLimits({ headers, query }: RecordedRequest, reply: Reply): void {
    const bearer = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
    if (!accessTokens.has(bearer) || (query.get('profileArn') ?? undefined) !== profileArn) {
      return fault(reply, 'AccessDeniedException', 'getUsageLimits')
    }
    const told = query.get('isEmailRequired') === 'true' && fake.person
    reply.json(200, { usageBreakdownList: [], ...(told && { userInfo: fake.person }) })
  }

  function issue(reply: Reply): void {
    const tokens = { accessToken: secretText('access'), refreshToken: secretText('refresh') }
    accessTokens.add(tokens.accessToken)
    refreshTokens.add(tokens.refreshToken)
    reply.json(200, { ...tokens, tokenType: 'Bearer', expiresIn: 3600 })
  }

  function isClient(id: unknown, secret: unknown): boolean {
    return typeof id === 'string' && clients.get(id) === secret
  }

  function secretText(kind: string): string {
    const text = `secret-${kind}-${randomBytes(12).toString('hex')}`
    fake.secrets.push(text)
    return text
  }

  function fault(reply: Reply, type: string, what: string): void {
    fake.faults.push(`${type}: ${what}`)
    reply.json(400, { __type: type, message: `The fake refuses ${what}.` })
  }
}
