import { join } from 'node:path'
import { createDatabase } from 'db0'
import { expect, it } from 'vitest'
import { credentialsOf, noCredential } from '../../../src/core/auth/credentials.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { AccountLists } from '../../../src/core/routing/account-lists.ts'
import { loadSqlite } from '../../../src/core/store/sqlite.ts'
import { codexAt } from '../auth/manager-support.ts'
import { damageLogin, login, makeDirectory, openStore } from './support.ts'

const provider = codexAt('http://127.0.0.1/')

async function damagedStore(...accounts: string[]) {
  const path = join(await makeDirectory(), 'tokens.db')
  const store = await openStore({ path })
  for (const account of accounts) await store.put(login(account, { provider: 'codex' }))
  await damageLogin(path, 'bob')
  return { store, path }
}

it('a damaged login costs its provider that login alone', async () => {
  const { store } = await damagedStore('ann', 'bob', 'cem')
  const { all } = await new AccountLists(store).for([{ provider, model: 'm' }])
  expect(all.map(({ credential }) => credential.account)).toEqual(['ann', 'cem'])
  expect((await credentialsOf(provider, store)).map(({ account }) => account)).toEqual(['ann', 'cem'])
})

it('one that is alone answers with what to do', async () => {
  const { store } = await damagedStore('bob')
  const error = await noCredential([provider], store)
  expect(error).toMatchObject({ status: 401, code: 'login_required' })
  expect(error.message).toContain('login bob no longer works (damaged). Run `byok login codex`')
})

it('one is mended by a new login, and found damaged again by its other columns', async () => {
  const { store, path } = await damagedStore('bob')
  await store.put(login('bob', { provider: 'codex', tokens: { accessToken: new Secret('new') } }))
  expect(await store.get('codex', 'bob')).toMatchObject({ state: 'ok' })
  const file = createDatabase((await loadSqlite()).connector(path))
  await file.exec(`UPDATE byok_accounts SET metadata = 'no JSON', expires_at = 'never', version = 'first'`)
  await file.dispose()
  expect(await store.get('codex', 'bob')).toMatchObject({ account: 'bob', state: 'needs_login', reason: 'damaged' })
  expect(await store.delete('codex', 'bob')).toBe(true)
})
