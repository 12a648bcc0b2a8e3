import { AuthError } from '../../index.ts'
import type { AuthContext } from '../../index.ts'
import { askFor, isObject, textOf } from '../../kit.ts'
import { REGIONS } from './profile.ts'

/** Who signed in. */
export interface Person {
  email?: string
  /** Kiro's own id of the person. */
  id?: string
}

/**
 * Whose login it is, which its opaque token does not say; empty where Kiro does not say it either.
 *
 * Facts: tickernelz/opencode-kiro-auth src/plugin/usage.ts (`fetchUsageLimits`, `userInfo.email`); `userInfo.userId` as several
 * clients of Kiro read it.
 */
export async function findPerson(
  context: AuthContext,
  accessToken: string,
  profileArn: string | undefined,
): Promise<Person> {
  const region = REGIONS.find((one) => one === profileArn?.split(':')[3]) ?? 'us-east-1'
  const url = new URL('/getUsageLimits', context.config.oauth_base_url ?? `https://q.${region}.amazonaws.com`)
  url.search = new URLSearchParams({
    isEmailRequired: 'true',
    origin: 'AI_EDITOR',
    resourceType: 'AGENTIC_REQUEST',
    ...(profileArn !== undefined && { profileArn }),
  }).toString()
  try {
    const headers = { authorization: `Bearer ${accessToken}` }
    const { userInfo } = await askFor(context, 'whose account it is', { url: url.href, headers })
    const [email, id] = isObject(userInfo) ? [textOf(userInfo['email']), textOf(userInfo['userId'])] : []
    return { ...(email !== undefined && { email }), ...(id !== undefined && { id }) }
  } catch (error) {
    // The login is good without.
    if (error instanceof AuthError) return {}
    throw error
  }
}
