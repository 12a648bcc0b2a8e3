import { pkce } from '../../index.ts'
import {
  codeAssistAccount,
  GOOGLE_AUTH_URL,
  GOOGLE_TOKEN_URL,
  googleAuthParameters,
  googleIdentity,
} from '../../kit.ts'

/**
 * Signing in with Google for Antigravity.
 *
 * Facts: router-for-me/CLIProxyAPI internal/auth/antigravity/constants.go (client, scopes, port) and auth.go (`BuildAuthURL`
 * with its path, `antigravityLoadCodeAssistMetadata`). PKCE goes with it as in AprilNEA/BYOKEY
 * crates/auth/src/provider/antigravity.rs.
 */
export const antigravityLogin = pkce({
  label: 'Google login',
  clientId: '1071006060591-tmhssin2h21lcre235vtolojh4g403ep.apps.googleusercontent.com',
  clientSecret: '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',
  authUrl: GOOGLE_AUTH_URL,
  tokenUrl: GOOGLE_TOKEN_URL,
  scopes: [
    'https://www.googleapis.com/auth/cloud-platform',
    'https://www.googleapis.com/auth/userinfo.email',
    'https://www.googleapis.com/auth/userinfo.profile',
    'https://www.googleapis.com/auth/cclog',
    'https://www.googleapis.com/auth/experimentsandconfigs',
  ],
  redirect: { port: 51121, path: '/oauth-callback' },
  authParameters: googleAuthParameters,
  identity: googleIdentity,
  complete: codeAssistAccount({
    metadata: { ideType: 'ANTIGRAVITY' },
    projects: 'given',
    // constants.go `DailyAPIEndpoint`, which accounts are onboarded at alone.
    onboardingUrl: 'https://daily-cloudcode-pa.googleapis.com',
  }),
})
