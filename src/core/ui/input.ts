import { z } from 'zod'
import { invalidRequest } from '../chat/index.ts'
import type { AccountInput, ConfigDraft, KeyInput, RedirectInput, SignInInput } from './types.ts'

/*
 * What pages send. Types are those that the page shares.
 */

const name = z.string().trim().min(1).max(300)

export const signInSchema: z.ZodType<SignInInput> = z.object({ provider: name, account: name.optional() })

export const redirectSchema: z.ZodType<RedirectInput> = z.object({ id: name, text: z.string().max(20_000) })

export const accountSchema: z.ZodType<AccountInput> = z.object({
  provider: name,
  account: name,
  kind: z.enum(['oauth', 'api_key']),
})

export const keySchema: z.ZodType<KeyInput> = z.object({
  provider: name,
  key: z
    .string()
    .trim()
    .min(1)
    .max(10_000)
    .regex(/^[\x21-\x7e]*$/, 'must be plain ASCII without spaces or line breaks'),
})

export const draftSchema: z.ZodType<ConfigDraft> = z.object({
  path: z.string().min(1),
  version: z.string(),
  text: z.string(),
})

/** @throws {ChatError} 400 naming the field. Never quotes what was sent. */
export function parseInput<T>(schema: z.ZodType<T>, body: unknown): T {
  const { success, data, error } = schema.safeParse(body)
  if (success) return data
  const [issue] = error.issues
  const field = issue?.path.join('.') ?? ''
  throw invalidRequest(
    `\`${field}\` ${issue?.code === 'invalid_format' ? issue.message : 'is missing or not what it should be'}.`,
    field,
  )
}
