import { pkce } from '../../index.ts'
import { allOf, isObject, knownFacts, textOf } from '../../kit.ts'
import { existingClaudeCode } from './existing.ts'

/**
 * Signing in with a Claude subscription, as Claude Code does.
 *
 * Facts: router-for-me/CLIProxyAPI internal/auth/claude/anthropic_auth.go (`AuthURL` to `ClaudeOAuthScope`, taken there from
 * Claude Code 2.1.220); AprilNEA/BYOKEY crates/auth/src/provider/claude.rs agrees.
 */
export const claudeLogin = pkce({
  label: 'Claude subscription',
  clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
  authUrl: 'https://claude.ai/oauth/authorize',
  tokenUrl: 'https://platform.claude.com/v1/oauth/token',
  scopes: ['user:profile', 'user:inference', 'user:sessions:claude_code', 'user:mcp_servers', 'user:file_upload'],
  redirect: { port: 54545, path: '/callback' },
  // Makes the page show the code as well, for who has to carry it by hand.
  authParameters: () => ({ code: 'true' }),
  tokenFormat: 'json',
  tokenState: true,
  refreshScopes: true,
  // The token answer tells of the account: anthropic_auth.go `tokenResponse`.
  complete: async (_context, { body }) => {
    const account = isObject(body['account']) ? body['account'] : {}
    const organization = isObject(body['organization']) ? body['organization'] : {}
    const email = textOf(account['email_address'])
    return {
      ...(email !== undefined && { account: email }),
      metadata: knownFacts({
        email,
        account_uuid: textOf(account['uuid']),
        organization_uuid: textOf(organization['uuid']),
        organization: textOf(organization['name']),
      }),
    }
  },
  // A person may belong to several organizations, and signs in to one.
  identity: ({ metadata }) => allOf(metadata['account_uuid'], metadata['organization_uuid']),
  existing: existingClaudeCode,
})
