import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase } from 'db0'
import { onTestFinished } from 'vitest'
import {
  openTokenStore,
  type FileStoreOptions,
  type NewAccount,
  type TokenStore,
} from '../../../src/core/store/index.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { loadSqlite } from '../../../src/core/store/sqlite.ts'

/** A directory that is gone when the test is over. */
export async function makeDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'byok-store-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** A store that is closed when the test is over; never in the machine's real keychain. */
export async function openStore(options: FileStoreOptions): Promise<TokenStore> {
  const store = await openTokenStore({ keychain: false, ...options })
  onTestFinished(() => store.close())
  return store
}

export function login(account = 'ann@example.com', changes: Partial<NewAccount> = {}): NewAccount {
  return {
    provider: 'claude',
    account,
    kind: 'oauth',
    tokens: { accessToken: new Secret(`access-of-${account}`), refreshToken: new Secret(`refresh-of-${account}`) },
    ...changes,
  }
}

/** Replaces a character of what a login's tokens are sealed in by another. */
export async function damageLogin(path: string, account: string): Promise<void> {
  const file = createDatabase((await loadSqlite()).connector(path))
  await file
    .prepare(
      `UPDATE byok_accounts SET secret = substr(secret, 1, length(secret) - 10)
      || CASE substr(secret, -10, 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(secret, -9) WHERE account = ?`,
    )
    .run(account)
  await file.dispose()
}

/** Permission bits, such as `600`. */
export async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

/** What a promise rejects with; fails where it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('expected a rejection')
}

/** Whether an optional package is there. */
export function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}
