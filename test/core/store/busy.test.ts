import { setImmediate as nextTurn } from 'node:timers/promises'
import { join } from 'node:path'
import { createDatabase } from 'db0'
import { expect, it, onTestFinished, vi } from 'vitest'
import { loadSqlite } from '../../../src/core/store/sqlite.ts'
import { errorOf, login, makeDirectory, openStore } from './support.ts'

/** A store, and another process's hold of its database. */
async function heldStore() {
  const path = join(await makeDirectory(), 'tokens.db')
  const store = await openStore({ path })
  await store.put(login('ann'))
  const other = createDatabase((await loadSqlite()).connector(path))
  onTestFinished(() => other.dispose())
  await other.exec('BEGIN IMMEDIATE')
  return { path, store, release: () => other.exec('COMMIT') }
}

it('waits for a lock of another process while the event loop goes on', async () => {
  const { store, release } = await heldStore()
  const lease = store.acquireLease('claude', 'ann', 'me', 1000)
  const put = store.put(login('zoe'))
  await nextTurn()
  expect(await store.list()).toHaveLength(1)
  await release()
  expect(await lease).toBe(true)
  expect(await put).toMatchObject({ account: 'zoe' })
})

it('says so where the lock is held for too long', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const { store, path } = await heldStore()
  const error = errorOf(store.acquireLease('claude', 'ann', 'me', 1000))
  await nextTurn()
  vi.setSystemTime(Date.now() + 10_000)
  expect(await error).toMatchObject({ name: 'StoreError', code: 'busy', path })
})
