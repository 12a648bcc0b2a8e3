import type { RecordedRequest, Reply } from '../../../src/testing/fake-server.ts'
import { fakeJwt, startCodeServer } from './code-server.ts'
import type { CodeServer } from './code-server.ts'
import { startDeviceServer } from './device-server.ts'
import type { DeviceServer } from './device-server.ts'

/** A vendor's authorization server with the settings that point a provider at it. */
export interface FakeVendor<Server> {
  server: Server
  /** What goes under `providers.<name>`. */
  settings: Record<string, unknown>
}

const codeSettings = (server: CodeServer, more: object = {}) => ({
  oauth: { auth_url: server.authUrl, token_url: server.tokenUrl, callback_port: 0, ...more },
})

/** Facts: the sources named in src/plugins/claude/auth.ts. */
export async function startClaude(): Promise<FakeVendor<CodeServer>> {
  const server = await startCodeServer({
    clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    scopes: ['user:profile', 'user:inference', 'user:sessions:claude_code', 'user:mcp_servers', 'user:file_upload'],
    redirectPath: '/callback',
    pkce: true,
    clientAuth: 'none',
    tokenFormat: 'json',
    tokenState: true,
    authParameters: { code: 'true' },
    extra: () => ({
      account: { uuid: 'acc-1', email_address: 'ann@example.com' },
      organization: { uuid: 'org-1', name: 'Ann & Co' },
    }),
  })
  return { server, settings: codeSettings(server) }
}

const CODEX_CLIENT = 'app_EMoamEEZ73f0CkXaXp7hrann'

/** Facts: the sources named in src/plugins/codex/auth.ts. */
export async function startCodex(): Promise<FakeVendor<CodeServer & { workspace: string }>> {
  const server = await startCodeServer({
    clientId: CODEX_CLIENT,
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    redirectPath: '/auth/callback',
    pkce: true,
    clientAuth: 'none',
    tokenFormat: 'form',
    refreshFormat: 'json',
    authParameters: { id_token_add_organizations: 'true', codex_cli_simplified_flow: 'true' },
    extra: () => ({
      id_token: fakeJwt({
        email: 'bob@example.com',
        'https://api.openai.com/auth': { chatgpt_account_id: fake.workspace, chatgpt_plan_type: 'plus' },
      }),
    }),
  })
  // Which of the person's workspaces the next sign-in is for.
  const fake = Object.assign(server, { workspace: 'chatgpt-7' })
  return { server: fake, settings: codeSettings(server) }
}

/** Codex' server as far as refreshes go: it grants what a test asks it for, without a sign-in. */
export function startCodexTokens(rotation: 'strict' | 'graceful'): Promise<CodeServer> {
  return startCodeServer({
    clientId: CODEX_CLIENT,
    scopes: [],
    redirectPath: '/auth/callback',
    pkce: true,
    clientAuth: 'none',
    tokenFormat: 'json',
    rotation,
  })
}

/** What Code Assist knows of the account. */
interface CodeAssistAccount {
  project?: string
  metadata: Record<string, string>
  ineligible?: string
  /** The tier of an account that has one, but no project. */
  tier?: string
}

/** Google for Gemini CLI and Antigravity, with Code Assist. Facts: the sources named in src/core/auth/code-assist.ts. */
export async function startGoogle(
  client: { id: string; secret: string; scopes: string[]; path: string },
  codeAssist: CodeAssistAccount,
): Promise<FakeVendor<CodeServer>> {
  const server = await startCodeServer({
    clientId: client.id,
    clientSecret: client.secret,
    scopes: client.scopes,
    redirectPath: client.path,
    pkce: true,
    clientAuth: 'body',
    tokenFormat: 'form',
    authParameters: { access_type: 'offline', prompt: 'consent' },
    handle: (request, reply, fake) => codeAssistHandler(request, reply, fake, codeAssist),
  })
  return {
    server,
    settings: { ...codeSettings(server, { userinfo_url: `${server.url}/userinfo` }), oauth_base_url: server.url },
  }
}

function codeAssistHandler(
  request: RecordedRequest,
  reply: Reply,
  fake: CodeServer,
  codeAssist: CodeAssistAccount,
): boolean {
  if (!fake.knows(bearerOf(request))) return false
  if (request.path === '/userinfo') return answered(reply, { email: 'gem@example.com', verified_email: true })
  const body = request.json as { metadata?: unknown; tierId?: unknown; cloudaicompanionProject?: unknown }
  if (JSON.stringify(body?.metadata) !== JSON.stringify(codeAssist.metadata)) return false
  if (request.path === '/v1internal:loadCodeAssist') {
    if (codeAssist.ineligible !== undefined) {
      const reason = { reasonCode: 'UNSUPPORTED_LOCATION', reasonMessage: codeAssist.ineligible, tierId: 'free-tier' }
      return answered(reply, { allowedTiers: [], ineligibleTiers: [reason] })
    }
    const tiers = { allowedTiers: [{ id: 'standard-tier' }], currentTier: { id: codeAssist.tier } }
    if (codeAssist.tier !== undefined) return answered(reply, tiers)
    return answered(
      reply,
      codeAssist.project === undefined
        ? { allowedTiers: [{ id: 'legacy-tier' }, { id: 'free-tier', isDefault: true }] }
        : { currentTier: { id: 'free-tier' }, cloudaicompanionProject: codeAssist.project },
    )
  }
  if (request.path === '/v1internal:onboardUser') {
    if (codeAssist.ineligible !== undefined) return answered(reply, { done: true, response: {} })
    // The free tier refuses a request that names a project.
    if (body.tierId !== 'free-tier' || body.cloudaicompanionProject !== undefined) return false
    return answered(reply, { done: true, response: { cloudaicompanionProject: { id: 'onboarded-1' } } })
  }
  return false
}

/** Facts: the sources named in src/plugins/iflow/auth.ts. */
export async function startIflow(): Promise<FakeVendor<CodeServer>> {
  const server = await startCodeServer({
    clientId: '10009311001',
    clientSecret: '4Z3YjXycVsQvyGF1etiNlIBB4RsqSDtW',
    scopes: [],
    redirectPath: '/oauth2callback',
    redirectParameter: 'redirect',
    pkce: false,
    clientAuth: 'basic',
    tokenFormat: 'form',
    authParameters: { loginMethod: 'phone', type: 'phone' },
    handle: (request, reply, fake) => {
      if (request.path !== '/api/oauth/getUserInfo') return false
      const token = request.query.get('accessToken') ?? ''
      if (!fake.knows(token)) return answered(reply, { success: false, code: '401', message: 'invalid token' })
      const apiKey = `secret-iflow-key-${fake.refreshes()}`
      fake.secrets.push(apiKey)
      return answered(reply, { success: true, data: { apiKey, email: 'flo@example.com', phone: '123' } })
    },
  })
  return { server, settings: codeSettings(server, { userinfo_url: `${server.url}/api/oauth/getUserInfo` }) }
}

/** GitHub with Copilot's token endpoint. Facts: the sources named in src/plugins/copilot/auth.ts. */
export async function startGitHub(
  plan: 'individual' | 'none' | 'hidden' = 'individual',
): Promise<FakeVendor<DeviceServer>> {
  const server = await startDeviceServer({
    clientId: 'Iv1.b507a08c87ecfe98',
    scopes: ['read:user'],
    // GitHub reports errors with status 200.
    errorStatus: 200,
    refreshes: false,
    handle: (request, reply, fake) => {
      if (request.path === '/user') {
        if (!fake.knows(bearerOf(request))) return false
        return answered(reply, { login: 'octo-cat', id: 1 })
      }
      if (request.path !== '/copilot_internal/v2/token') return false
      const token = /^token (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
      if (request.method !== 'GET') return false
      if (!fake.knows(token)) {
        reply.json(401, { message: 'Bad credentials' })
        return true
      }
      if (plan === 'hidden') {
        reply.json(404, { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' })
        return true
      }
      if (plan === 'none') {
        reply.json(403, { error_details: { message: 'No Copilot subscription found.', url: 'https://github.com' } })
        return true
      }
      const copilot = `secret-copilot-${fake.requests.length}`
      fake.secrets.push(copilot)
      return answered(reply, {
        token: copilot,
        expires_at: Math.floor(Date.now() / 1000) + 1800,
        refresh_in: 1500,
        endpoints: { api: 'https://api.individual.githubcopilot.com' },
      })
    },
  })
  return {
    server,
    settings: {
      oauth: {
        device_url: server.deviceUrl,
        token_url: server.tokenUrl,
        userinfo_url: `${server.url}/user`,
        exchange_url: `${server.url}/copilot_internal/v2/token`,
      },
    },
  }
}

/** Facts: the sources named in src/plugins/qwen/auth.ts. */
export async function startQwen(): Promise<FakeVendor<DeviceServer>> {
  const server = await startDeviceServer({
    clientId: 'f0304373b74a44d2b584a3fb70ca9e56',
    scopes: ['openid', 'profile', 'email', 'model.completion'],
    pkce: true,
    extra: () => ({ resource_url: 'portal.qwen.ai' }),
  })
  return { server, settings: { oauth: { device_url: server.deviceUrl, token_url: server.tokenUrl } } }
}

/** Facts: the sources named in src/plugins/kimi/auth.ts. */
export async function startKimi(): Promise<FakeVendor<DeviceServer>> {
  const server = await startDeviceServer({
    clientId: '17e5f671-d194-4dfb-9706-5516cb48c098',
    scopes: [],
    headers: ['x-msh-platform', 'x-msh-version', 'x-msh-device-name', 'x-msh-device-model', 'x-msh-device-id'],
    accessToken: () => fakeJwt({ user_id: 'kimi-user-5', exp: Math.floor(Date.now() / 1000) + 900, n: Math.random() }),
  })
  return { server, settings: { oauth: { device_url: server.deviceUrl, token_url: server.tokenUrl } } }
}

function bearerOf(request: RecordedRequest): string | undefined {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
}

function answered(reply: Reply, body: unknown): true {
  reply.json(200, body)
  return true
}
