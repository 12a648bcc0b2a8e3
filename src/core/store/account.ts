import { randomInt } from 'node:crypto'
import { z } from 'zod'
import type { OAuthCredential } from '../auth/credential.ts'
import { isObject } from '../json/json.ts'
import type { Secret } from '../secrets/secret.ts'
import { StoreError } from './errors.ts'
import type { AccountChanges, AccountRecord, AccountTokens, NewAccount } from './types.ts'

/** What a request is signed with, from a stored login. */
export function credentialOf(record: AccountRecord): OAuthCredential {
  return {
    kind: 'oauth',
    account: record.account,
    accessToken: record.tokens.accessToken,
    ...(record.tokens.refreshToken && { refreshToken: record.tokens.refreshToken }),
    ...(record.expiresAt !== undefined && { expiresAt: record.expiresAt }),
    metadata: { ...record.metadata },
  }
}

/** One text for both names, whatever is in them. */
export function accountKey({ provider, account }: Pick<AccountRecord, 'provider' | 'account'>): string {
  return JSON.stringify([provider, account])
}

export function copyOfTokens(tokens: AccountTokens): AccountTokens {
  return { ...tokens, ...(tokens.extra && { extra: { ...tokens.extra } }) }
}

/**
 * Milliseconds for which a lease may still last when another asks for one of `ttlMs`. More it does where its holder died and the clock was
 * set back since, as that of a machine that starts with a wrong one: nobody could refresh the login until then.
 */
export function longestLease(ttlMs: number): number {
  return Math.ceil(ttlMs) * 10
}

/**
 * The version of an account just added. It starts at random so that an account that was deleted and added again does not
 * take an update meant for the one before.
 */
export function firstVersion(): number {
  return randomInt(1, 2 ** 40)
}

/** The order of {@link TokenStore.list}; the same whatever the database's collation. */
export function compareAccounts(a: AccountRecord, b: AccountRecord): number {
  return compare(a.provider, b.provider) || a.createdAt - b.createdAt || compare(a.account, b.account)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const name = z.string().min(1)
const unixMs = z.number().transform(Math.trunc).pipe(z.int().nonnegative())

export const metadataSchema = z.record(z.string(), z.string())

/** A plugin in JavaScript may give the text itself; one with a byok of its own has secrets of that one's. */
const secret = z.custom<Secret>(
  (value) => isObject(value) && typeof value['reveal'] === 'function',
  'must be a Secret: new Secret(text)',
)
const tokensSchema = z.object({
  accessToken: secret,
  refreshToken: secret.optional(),
  idToken: secret.optional(),
  extra: z.record(z.string(), secret).optional(),
})

const newAccountSchema = z.object({
  provider: name,
  account: name,
  kind: z.literal('oauth'),
  tokens: tokensSchema,
  expiresAt: unixMs.optional(),
  metadata: metadataSchema.default({}),
})

const changesSchema = z.object({
  tokens: tokensSchema.optional(),
  expiresAt: unixMs.nullish(),
  metadata: metadataSchema.optional(),
})

/** Refuses what a later read could not give back; whole milliseconds are made of the expiry. */
export function checkAccount(account: NewAccount): NewAccount & { metadata: Record<string, string> } {
  const whose = `This account of provider ${JSON.stringify(account.provider)}`
  return { ...check(newAccountSchema, account, whose), tokens: account.tokens }
}

/** As {@link checkAccount}, for an update. */
export function checkChanges(changes: AccountChanges): AccountChanges {
  return { ...check(changesSchema, changes, 'This account'), tokens: changes.tokens }
}

function check<T>(schema: z.ZodType<T>, value: unknown, whose: string): T {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  const faults = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new StoreError('bad_record', `${whose} cannot be stored (${faults.join('; ')}).`)
}
