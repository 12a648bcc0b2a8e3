import { setImmediate as nextTurn } from 'node:timers/promises'
import { join } from 'node:path'
import { createDatabase, type Database } from 'db0'
import libsqlConnector from 'db0/connectors/libsql/node'
import pgliteConnector from 'db0/connectors/pglite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Secret } from '../../../src/core/secrets/secret.ts'
import { createMemoryTokenStore, credentialOf, openTokenStore } from '../../../src/core/store/index.ts'
import { itIsATokenStore } from './cases.ts'
import { isInstalled, login, makeDirectory, openStore } from './support.ts'

const hasNodeSqlite = process.getBuiltinModule('node:sqlite') !== undefined
const hasPglite = isInstalled('@electric-sql/pglite')
const hasLibsql = isInstalled('@libsql/client')

describe('a token store in memory', () => {
  itIsATokenStore(async () => createMemoryTokenStore())
})

describe('a token store in a file', () => {
  itIsATokenStore(async () => openStore({ path: join(await makeDirectory(), 'tokens.db') }))
})

describe('the stamp of a file', () => {
  it('stays while nothing changes, and tells of what another store changed', async () => {
    const path = join(await makeDirectory(), 'tokens.db')
    const [mine, other] = [await openStore({ path }), await openStore({ path })]
    const none = await mine.stamp?.()
    expect(await mine.stamp?.()).toBe(none)
    await other.put(login('ann'))
    await nextTurn()
    const one = await mine.stamp?.()
    expect(one).not.toBe(none)
    await mine.list()
    await mine.get('claude', 'ann')
    expect(await mine.stamp?.()).toBe(one)
    await other.delete('claude', 'ann')
    await nextTurn()
    expect(await mine.stamp?.()).not.toBe(one)
  })
})

describe.skipIf(!hasLibsql)('the stamp of a database elsewhere', () => {
  it('differs after a second, for who may have changed it is not known', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 5000 })
    onTestFinished(() => void vi.useRealTimers())
    const store = await openGiven(createDatabase(libsqlConnector({ url: `file:${await makeDirectory()}/t.db` })))
    const first = await store.stamp?.()
    vi.setSystemTime(5999)
    expect(await store.stamp?.()).toBe(first)
    vi.setSystemTime(6000)
    expect(await store.stamp?.()).not.toBe(first)
  })
})

describe.skipIf(!hasNodeSqlite)('a token store in a file, through node:sqlite', () => {
  const loaders = {
    betterSqlite: () => Promise.reject(new Error('Cannot find package better-sqlite3')),
    nodeSqlite: () => process.getBuiltinModule('node:sqlite'),
  }
  itIsATokenStore(async () => openStore({ path: join(await makeDirectory(), 'tokens.db'), loaders }))
})

describe.skipIf(!hasPglite)('a token store in PostgreSQL', () => {
  // Starting PostgreSQL takes seconds: one serves all, emptied for each.
  const database = createDatabase(pgliteConnector({}))
  beforeAll(async () => void (await database.sql`SELECT 1`), 120_000)
  afterAll(() => database.dispose())

  itIsATokenStore(async () => {
    for (const sql of ['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public']) await database.prepare(sql).run()
    return openShared(database)
  })
})

describe.skipIf(!hasLibsql)('a token store in libSQL', () => {
  itIsATokenStore(async () => openGiven(createDatabase(libsqlConnector({ url: `file:${await makeDirectory()}/t.db` }))))
})

describe('a given database', () => {
  it('is refused where it is MySQL', async () => {
    const database = createDatabase({
      name: 'mysql2',
      dialect: 'mysql',
      getInstance: () => undefined,
      exec: () => undefined,
      prepare: () => {
        throw new Error('not reached')
      },
    })
    await expect(openTokenStore({ database, keyFile: '/nowhere/key' })).rejects.toMatchObject({
      code: 'unsupported_database',
    })
  })
})

describe('credentialOf', () => {
  it('gives what a request is signed with', async () => {
    const store = createMemoryTokenStore()
    const accessToken = new Secret('a')
    const refreshToken = new Secret('r')
    const full = await store.put(
      login('ann', {
        tokens: { accessToken, refreshToken, idToken: new Secret('i') },
        expiresAt: 7,
        metadata: { id: '1' },
      }),
    )
    expect(credentialOf(full)).toEqual({
      kind: 'oauth',
      account: 'ann',
      accessToken,
      refreshToken,
      expiresAt: 7,
      metadata: { id: '1' },
    })
    const least = await store.put(login('zoe', { tokens: { accessToken } }))
    expect(Object.keys(credentialOf(least))).toEqual(['kind', 'account', 'accessToken', 'metadata'])
  })
})

async function openGiven(database: Database) {
  onTestFinished(() => database.dispose())
  return openShared(database)
}

async function openShared(database: Database) {
  const store = await openTokenStore({ database, keyFile: join(await makeDirectory(), 'key') })
  onTestFinished(async () => {
    await store.close()
    expect(database.disposed).toBe(false)
  })
  return store
}
