import { createHash } from 'node:crypto'

/** "Invalid 'user': string too long. Expected a string with maximum length 64": maximhq/bifrost pull request 1000. */
const LONGEST = 64

/**
 * The user as OpenAI takes them. A longer name, such as the 150 letters of Claude Code's `metadata.user_id`, becomes its SHA-256, which
 * is just as long as may be: the same user is still the same.
 */
export function userOf(user: string | undefined): string | undefined {
  if (user === undefined || user.length <= LONGEST) return user
  return createHash('sha256').update(user).digest('hex')
}
