import { rename, rm } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { join } from 'node:path'
import { createDatabase } from 'db0'
import { describe, expect, it } from 'vitest'
import { TokenWriter } from '../../../src/core/auth/token-writer.ts'
import { silentLogger } from '../../../src/core/log/log.ts'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { StoreSession } from '../../../src/core/store/session.ts'
import { loadSqlite } from '../../../src/core/store/sqlite.ts'
import { errorOf, login, makeDirectory, openStore } from './support.ts'

const rotated = { tokens: { accessToken: new Secret('a2'), refreshToken: new Secret('r2') } }

/** A sound copy of a database that is in use, as backups are made. */
async function backUp(path: string): Promise<string> {
  const db = createDatabase((await loadSqlite()).connector(path))
  await db.exec(`VACUUM INTO '${path}.copy'`)
  await db.dispose()
  return `${path}.copy`
}

async function remove(path: string): Promise<void> {
  for (const name of ['', '-wal', '-shm']) await rm(path + name, { force: true })
}

async function restore(copy: string, path: string): Promise<void> {
  await remove(path)
  await rename(copy, path)
}

async function withAnn() {
  const path = join(await makeDirectory(), 'tokens.db')
  const store = await openStore({ path })
  return { path, store, ann: await store.put(login('ann')) }
}

describe('a database whose file is removed while it is open', () => {
  it('reads as empty, and then as the one that is made anew', async () => {
    const { path, store } = await withAnn()
    const before = await store.stamp?.()
    await remove(path)
    await nextTurn()
    expect(await store.stamp?.()).not.toBe(before)
    expect(await store.list()).toEqual([])
    const other = await openStore({ path })
    await other.put(login('zoe'))
    expect((await store.list()).map(({ account }) => account)).toEqual(['zoe'])
    await store.put(login('cem'))
    expect(await other.list()).toHaveLength(2)
  })

  it('takes no refreshed tokens for those of a login that was deleted, but says that it is gone', async () => {
    const { path, store, ann } = await withAnn()
    const copy = await backUp(path)
    await remove(path)
    const error = await errorOf(store.update('claude', 'ann', ann.version, rotated))
    expect(error).toMatchObject({ name: 'StoreError', code: 'unavailable', path })
    expect(String(error)).toContain('removed')
    await restore(copy, path)
    expect(await store.update('claude', 'ann', ann.version, rotated)).toMatchObject({ account: 'ann' })
  })
})

describe('a database whose file is replaced while it is open', () => {
  it('has in the new file what a refresh brings', async () => {
    const { path, store, ann } = await withAnn()
    await restore(await backUp(path), path)
    expect(await store.acquireLease('claude', 'ann', 'me', 1000)).toBe(true)
    expect(await store.update('claude', 'ann', ann.version, rotated)).toBeDefined()
    const other = await openStore({ path })
    expect((await other.get('claude', 'ann'))?.tokens.refreshToken?.reveal()).toBe('r2')
  })

  it('has it there too where the file is of before the last refresh', async () => {
    const { path, store, ann } = await withAnn()
    const copy = await backUp(path)
    const kept = await store.update('claude', 'ann', ann.version, { tokens: { accessToken: new Secret('a1') } })
    await restore(copy, path)
    const writer = new TokenWriter({ store, logger: silentLogger })
    expect(await writer.write(kept ?? ann, rotated, AbortSignal.abort())).toBeDefined()
    const other = await openStore({ path })
    expect((await other.get('claude', 'ann'))?.tokens.refreshToken?.reveal()).toBe('r2')
  })

  it('is written once more where that happens during the write, and closed before the new one is opened', async () => {
    const connector = (await loadSqlite()).connector
    const steps: string[] = []
    let file = 'one'
    const source = {
      where: 'it',
      exists: () => Promise.resolve(true),
      identity: () => file,
      open: () => {
        steps.push(`open ${file}`)
        return Promise.resolve(createDatabase(connector(':memory:')))
      },
      dispose: async (db: { dispose(): Promise<void> }) => {
        steps.push('dispose')
        await db.dispose()
      },
    }
    const session = new StoreSession(source, { file: '', keychain: undefined, noKeychain: '', onWarning: () => {} })
    await session.change(async () => {
      steps.push(`write ${file}`)
      await nextTurn()
      file = 'two'
    })
    await session.close()
    expect(steps).toEqual(['open one', 'write one', 'dispose', 'open two', 'write two', 'dispose'])
  })
})
