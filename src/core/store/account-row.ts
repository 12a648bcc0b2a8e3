import { z } from 'zod'
import { Secret } from '../secrets/secret.ts'
import { metadataSchema } from './account.ts'
import type { OpenedTokens } from './opened-tokens.ts'
import type { MasterKey } from './secret-box.ts'
import type { AccountRecord, AccountTokens } from './types.ts'

/** The columns of `byok_accounts` that {@link readRow} needs. */
export const COLUMNS =
  'provider, account, kind, secret, expires_at, metadata, state, reason, version, created_at, updated_at, lease_owner, lease_until'

/** PostgreSQL's drivers give BIGINT as text or bigint. All of byok's fit a double. */
const integer = z.coerce.number().int()

const rowSchema = z.object({
  provider: z.string(),
  account: z.string(),
  kind: z.literal('oauth'),
  secret: z.string(),
  expires_at: integer.nullable(),
  metadata: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(metadataSchema),
  state: z.enum(['ok', 'needs_login']),
  reason: z.string().nullable(),
  version: integer,
  created_at: integer,
  updated_at: integer,
  lease_owner: z.string().nullable(),
  lease_until: integer.nullable(),
})

/** What is still told of a row that cannot be read. */
const damagedSchema = z.object({
  provider: z.string(),
  account: z.string(),
  version: integer.catch(0),
  created_at: integer.catch(0),
  updated_at: integer.catch(0),
})

const secret = z.string().transform((value) => new Secret(value))

const tokensSchema = z.object({
  accessToken: secret,
  refreshToken: secret.optional(),
  idToken: secret.optional(),
  extra: z.record(z.string(), secret).optional(),
})

/** Encrypts an account's tokens for the `secret` column. */
export function sealTokens(key: MasterKey, provider: string, account: string, tokens: AccountTokens): string {
  const plain = {
    accessToken: tokens.accessToken.reveal(),
    refreshToken: tokens.refreshToken?.reveal(),
    idToken: tokens.idToken?.reveal(),
    extra:
      tokens.extra &&
      Object.fromEntries(Object.entries(tokens.extra).map(([name, value]) => [name, value.reveal()] as const)),
  }
  return key.seal(provider, account, JSON.stringify(plain))
}

/** What rows are read with. */
export interface RowReader {
  key: MasterKey
  opened: OpenedTokens
}

/** An account from its row. One that cannot be read needs a new login, so that it costs its provider no other. */
export function readRow({ key, opened }: RowReader, value: unknown): AccountRecord {
  try {
    const row = rowSchema.parse(value)
    return recordOf(
      row,
      opened.of(row, () => openTokens(key, row)),
    )
  } catch {
    // What a parser says of a value may quote it.
  }
  const { created_at: createdAt, updated_at: updatedAt, ...names } = damagedSchema.parse(value)
  const tokens = { accessToken: new Secret('') }
  return {
    ...names,
    kind: 'oauth',
    tokens,
    metadata: {},
    state: 'needs_login',
    reason: 'damaged',
    createdAt,
    updatedAt,
  }
}

function openTokens(key: MasterKey, { provider, account, secret: sealed }: z.output<typeof rowSchema>): AccountTokens {
  const text = key.open(provider, account, sealed)
  if (text === undefined) throw new Error('sealed with another key, or changed')
  return tokensSchema.parse(JSON.parse(text))
}

function recordOf(row: z.output<typeof rowSchema>, tokens: AccountTokens): AccountRecord {
  return {
    provider: row.provider,
    account: row.account,
    kind: row.kind,
    tokens,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    metadata: row.metadata,
    state: row.state,
    ...(row.reason !== null && { reason: row.reason }),
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.lease_owner !== null &&
      row.lease_until !== null && { lease: { owner: row.lease_owner, until: row.lease_until } }),
  }
}
