import { createDatabase } from 'db0'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLogger } from '../../../src/core/log/log.ts'
import { loadSqlite } from '../../../src/core/store/sqlite.ts'
import { UsageDatabase } from '../../../src/core/usage/database.ts'
import { dayOf, secondsToMidnight } from '../../../src/core/usage/day.ts'
import { recordOf } from '../../../src/core/usage/record.ts'
import type { UsageRecord } from '../../../src/core/usage/record.ts'
import { UsageRecorder } from '../../../src/core/usage/recorder.ts'

const DAY = 86_400_000
const settings = () => ({ enabled: true, retention: 90 * DAY })

function record(more: Partial<UsageRecord> = {}): UsageRecord {
  const time = more.time ?? Date.now()
  return {
    id: 'req_1',
    time,
    day: dayOf(time),
    client: null,
    protocol: 'openai-chat',
    provider: 'codex',
    account: 'work',
    model: 'gpt-4o',
    requestedModel: 'gpt-4o',
    status: 200,
    outcome: 'ok',
    error: null,
    attempts: 1,
    stream: true,
    input: 100,
    output: 20,
    cachedInput: 50,
    cacheWrite: null,
    reasoning: 5,
    estimated: false,
    firstByteMs: 200,
    durationMs: 900,
    ...more,
  }
}

async function database() {
  const folder = await mkdtemp(join(tmpdir(), 'byok-usage-'))
  const opened = new UsageDatabase(join(folder, 'usage.db'))
  onTestFinished(async () => {
    await opened.close()
    await rm(folder, { recursive: true, force: true })
  })
  return opened
}

describe('the records of usage', () => {
  it('add up by model, provider, account, day and client', async () => {
    const db = await database()
    const yesterday = Date.now() - DAY
    await db.add([
      record({ client: 'me' }),
      record({ client: 'me', model: 'o3', input: null, output: null, cachedInput: null, reasoning: null }),
      record({ provider: 'claude', account: 'home', model: 'opus', time: yesterday, firstByteMs: 400 }),
      record({ provider: null, account: null, model: 'typo', outcome: 'error', status: 404, firstByteMs: null }),
    ])
    const keys = async (by: Parameters<UsageDatabase['sums']>[1]) =>
      (await db.sums(0, by)).map(({ key, requests }) => [key, requests])
    expect(await keys('model')).toEqual([
      ['gpt-4o', 1],
      ['o3', 1],
      ['opus', 1],
      ['typo', 1],
    ])
    expect(await keys('account')).toEqual([
      ['codex / work', 2],
      [null, 1],
      ['claude / home', 1],
    ])
    expect(await keys('day')).toEqual([
      [dayOf(yesterday), 1],
      [dayOf(Date.now()), 3],
    ])
    expect(await keys('client')).toEqual([
      [null, 2],
      ['me', 2],
    ])
    expect(await db.total(Date.now() - DAY / 2)).toEqual({
      key: null,
      requests: 3,
      errors: 1,
      input: 200,
      output: 40,
      cachedInput: 100,
      cacheWrite: 0,
      reasoning: 10,
      estimated: 0,
      firstByteMs: 200,
      durationMs: 900,
    })
    expect(await db.clientsOf(dayOf(Date.now()))).toEqual([{ client: 'me', requests: 2, tokens: 120 }])
  })

  it('are many at once, in a file that is its owner’s alone', async () => {
    const db = await database()
    await db.add(Array.from({ length: 1000 }, () => record()))
    expect((await db.total(0)).requests).toBe(1000)
    expect((await stat(db.path)).mode & 0o077).toBe(0)
  })

  it('of an older byok are added to', async () => {
    const db = await database()
    await db.add([record()])
    await db.close()
    const file = createDatabase((await loadSqlite()).connector(db.path))
    await file.exec('ALTER TABLE byok_usage DROP COLUMN estimated')
    await file.exec('DELETE FROM byok_migrations WHERE version > 1')
    await file.dispose()
    await db.add([record({ estimated: true })])
    expect(await db.total(0)).toMatchObject({ requests: 2, estimated: 1 })
  })

  it('of nothing are empty, and make no file', async () => {
    const db = await database()
    expect(await db.sums(0, 'model')).toEqual([])
    expect((await db.total(0)).requests).toBe(0)
    await expect(stat(db.path)).rejects.toThrow('ENOENT')
  })
})

describe('the recorder', () => {
  it('writes in batches, what is left when it closes, and deletes what is too old', async () => {
    const db = await database()
    await db.add([record({ time: Date.now() - 91 * DAY }), record({ time: Date.now() - 89 * DAY })])
    const add = vi.spyOn(db, 'add')
    const recorder = new UsageRecorder({ database: db, settings, logger: silentLogger })
    for (let n = 0; n < 99; n++) recorder.record(record())
    expect(add).not.toHaveBeenCalled()
    await recorder.flush()
    expect(add).toHaveBeenCalledTimes(1)
    recorder.record(record())
    await recorder.close()
    expect((await db.total(0)).requests).toBe(101)
  })

  it('keeps records for a later try where the database fails, and warns once', async () => {
    const written: UsageRecord[] = []
    let broken = true
    const warn = vi.fn()
    const recorder = new UsageRecorder({
      database: {
        add: async (records) => {
          if (broken) throw new Error('disk full')
          written.push(...records)
        },
        prune: async () => {},
        close: async () => {},
      },
      settings,
      logger: { ...silentLogger, warn },
    })
    recorder.record(record({ id: 'one' }))
    await recorder.flush()
    recorder.record(record({ id: 'two' }))
    await recorder.flush()
    expect(warn).toHaveBeenCalledTimes(1)
    broken = false
    await recorder.close()
    expect(written.map(({ id }) => id)).toEqual(['one', 'two'])
  })

  it('writes nothing where config says so', async () => {
    const add = vi.fn()
    const recorder = new UsageRecorder({
      database: { add, prune: async () => {}, close: async () => {} },
      settings: () => ({ ...settings(), enabled: false }),
      logger: silentLogger,
    })
    recorder.record(record())
    await recorder.close()
    expect(add).not.toHaveBeenCalled()
  })
})

describe('recordOf', () => {
  const info = { id: 'r', startedAt: 1000, method: 'POST', path: '/v1/chat/completions' }

  it('takes what is known and bounds what clients may write', () => {
    expect(
      recordOf({ ...info, protocol: 'openai-chat', model: 'x'.repeat(999), firstByteAt: 1200 }, 2000),
    ).toMatchObject({
      model: 'x'.repeat(200),
      firstByteMs: 200,
      durationMs: 1000,
      input: null,
      attempts: 0,
    })
  })

  it('leaves out what was not for a model', () => {
    expect(recordOf(info)).toBeUndefined()
  })
})

it('a day ends at midnight by this machine’s clock', () => {
  const noon = new Date(2030, 2, 5, 12, 0, 0).getTime()
  expect(dayOf(noon)).toBe('2030-03-05')
  expect(secondsToMidnight(noon)).toBe(12 * 3600)
  expect(dayOf(noon + secondsToMidnight(noon) * 1000)).toBe('2030-03-06')
})

it('a database that another process holds is tried again, without a word, and at the end until it is free', async () => {
  const busy = () => Promise.reject(Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' }))
  const add = vi.fn().mockImplementationOnce(busy).mockImplementationOnce(busy).mockResolvedValue(undefined)
  const warn = vi.fn()
  const recorder = new UsageRecorder({
    database: { add, prune: () => Promise.resolve(), close: () => Promise.resolve() },
    settings,
    logger: { ...silentLogger, warn },
  })
  recorder.record(record())
  await recorder.flush()
  await recorder.close()
  expect(add.mock.calls.map(([rows]) => (rows as UsageRecord[]).length)).toEqual([1, 1, 1])
  expect(warn).not.toHaveBeenCalled()
})

it('records are written once, though what is too old could not be deleted after them', async () => {
  const add = vi.fn().mockResolvedValue(undefined)
  const prune = vi.fn().mockRejectedValue(Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' }))
  const recorder = new UsageRecorder({
    database: { add, prune, close: () => Promise.resolve() },
    settings,
    logger: silentLogger,
  })
  recorder.record(record())
  await recorder.flush()
  await recorder.close()
  expect(prune).toHaveBeenCalledOnce()
  expect(add).toHaveBeenCalledOnce()
})
