import { codeAssistProject } from './code-assist.ts'
import type { CodeAssistClient } from './code-assist.ts'
import type { AuthContext, Login } from './context.ts'
import type { Session } from './client.ts'
import { knownFacts, textOf } from './facts.ts'
import { claimsOf } from './jwt.ts'
import type { AccountRecord } from '../store/index.ts'
import { askFor } from './request.ts'
import type { TokenAnswer } from './tokens.ts'

/*
 * Google's OAuth for installed programs. Facts: https://developers.google.com/identity/protocols/oauth2/native-app, and
 * google-gemini/gemini-cli packages/core/src/code_assist/oauth2.ts.
 */
export const GOOGLE_AUTH_URL = 'https://accounts.google.com/o/oauth2/v2/auth'
export const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token'
const USERINFO_URL = 'https://www.googleapis.com/oauth2/v2/userinfo'

/** Without both Google gives no refresh token to who has signed in before. */
export const googleAuthParameters = () => ({ access_type: 'offline', prompt: 'consent' })

/**
 * The e-mail address and the Code Assist project of a login; both stay what they are when it is refreshed.
 */
export function codeAssistAccount(client: CodeAssistClient) {
  return async (context: AuthContext, answer: TokenAnswer, { before }: Session): Promise<Partial<Login>> => {
    if (before?.metadata['project_id'] !== undefined) return {}
    const accessToken = answer.tokens.accessToken.reveal()
    const [email, project] = await Promise.all([
      googleEmail(context, accessToken),
      codeAssistProject(context, { accessToken, ...client, ...(client.projects === 'own' && cloudProject(context)) }),
    ])
    return { ...(email !== undefined && { account: email }), metadata: knownFacts({ email, project_id: project }) }
  }
}

/** An address is one account's; Gemini CLI's file has it in the ID token alone. */
export function googleIdentity({ tokens, metadata }: Pick<AccountRecord, 'tokens' | 'metadata'>): string | undefined {
  return metadata['email'] ?? textOf(claimsOf(tokens.idToken?.reveal() ?? '')['email'])
}

/** The address an access token belongs to. */
async function googleEmail(context: AuthContext, accessToken: string): Promise<string | undefined> {
  const info = await askFor(context, "the account's e-mail address", {
    url: context.config.oauth?.userinfo_url ?? USERINFO_URL,
    headers: { authorization: `Bearer ${accessToken}` },
  })
  return textOf(info['email'])
}

/** The project a company's account works in, as Gemini CLI takes it: code_assist/setup.ts `setupUser`. */
function cloudProject({ env }: AuthContext): { projectId?: string } {
  const projectId = textOf(env['GOOGLE_CLOUD_PROJECT']) ?? textOf(env['GOOGLE_CLOUD_PROJECT_ID'])
  return projectId === undefined ? {} : { projectId }
}
