import { createHash } from 'node:crypto'

/** `maxLength` of `metadata.user_id` (platform.claude.com/docs/en/api/messages, told in vercel/ai pull request 12419). */
const LONGEST = 256

/**
 * The user as Anthropic takes them: "metadata.user_id: user_id appears to contain an email address. Please send a uuid or hash value
 * instead" (BerriAI/litellm issue 10106; pull request 10102 has phone numbers too). OpenAI's `user` may be any name. The same user is still
 * the same.
 */
export function userIdOf(user: string): string {
  const isPerson = user.includes('@') || /^[+(]?\d[\d\s().-]{5,}\d$/.test(user)
  return isPerson || user.length > LONGEST ? createHash('sha256').update(user).digest('hex') : user
}
