import { mkdtemp, rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase } from 'db0'
import type { Database } from 'db0'
import { expect, vi } from 'vitest'
import { silentLogger } from '../../src/core/log/log.ts'
import { Secret } from '../../src/core/secrets/secret.ts'
import { openTokenStore } from '../../src/core/store/index.ts'
import { loadSqlite } from '../../src/core/store/sqlite.ts'
import { UsageDatabase } from '../../src/core/usage/database.ts'
import { serve } from '../helpers/serve.ts'
import { askFor, isHonest, RECORDED, SSE, startVendor, whole, withBench } from './faults.ts'
import type { Fault } from './faults.ts'
import { allowMore, askOver, exhaust, onlyReadable } from './files.ts'
import { restartDuringRefresh } from './restart.ts'

const DONE = 'data: [DONE]'

/** A folder for byok's files. */
async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'byok-faults-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** By whichever SQLite this Node has, as byok opens it. */
async function openDatabase(path: string): Promise<Database> {
  return createDatabase((await loadSqlite()).connector(path))
}

async function rowsOf(path: string): Promise<number> {
  const db = new UsageDatabase(path)
  try {
    return (await db.sums(0, 'model')).reduce((sum, { requests }) => sum + requests, 0)
  } finally {
    await db.close()
  }
}

/** What goes wrong on byok's own machine. */
export const machineFaults: Fault[] = [
  {
    fault: 'the usage database locked by another program',
    client: 'the whole answer, no later than else',
    kept: 'the records, in memory; they are written once it is free',
    recovers: 'when the lock ends',
    run: () =>
      withFolder(async (folder) => {
        const path = join(folder, 'usage.db')
        await withBench(
          async ({ ask }) => {
            expect(isHonest(await ask(), DONE)).toBe('whole')
            await vi.waitFor(async () => expect(await rowsOf(path)).toBe(1), { timeout: 10_000 })
            const other = await openDatabase(path)
            await other.exec('BEGIN EXCLUSIVE')
            for (let asked = 0; asked < 3; asked++) expect(isHonest(await ask(), DONE)).toBe('whole')
            await other.exec('ROLLBACK')
            await other.dispose()
            await vi.waitFor(async () => expect(await rowsOf(path)).toBe(4), { timeout: 10_000 })
          },
          { store: undefined, db: join(folder, 'tokens.db') },
        )
      }),
  },
  {
    fault: 'the databases deleted while byok runs',
    client: 'the whole answer',
    kept: 'what byok knows, but for the logins; records written meanwhile are lost with the file',
    recovers: 'a new login, and for records a start',
    run: () =>
      withFolder(async (folder) => {
        const options = { store: undefined, db: join(folder, 'tokens.db') }
        await withBench(async ({ ask }) => {
          expect(isHonest(await ask(), DONE)).toBe('whole')
          await rm(folder, { recursive: true })
          expect(isHonest(await ask(), DONE)).toBe('whole')
        }, options)
        await withBench(async ({ ask }) => void expect(isHonest(await ask(), DONE)).toBe('whole'), options)
      }),
  },
  {
    fault: 'a full disk under `log.file`',
    client: 'the whole answer',
    kept: 'the log on standard error, which says once that the file cannot be written',
    recovers: 'as soon as there is room',
    run: () =>
      withBench(async ({ ask }) => void expect(isHonest(await ask(), DONE)).toBe('whole'), {
        log: { level: 'info', file: process.platform === 'linux' ? '/dev/full' : '/dev/null/none' },
      }),
  },
  {
    fault: 'a clock that jumps a day, forwards or back',
    client: 'the whole answer',
    kept: 'everything; a rest ends by the new time, or at once where that is before it began',
    recovers: 'nothing to recover',
    run: () =>
      withBench(async ({ ask }) => {
        const day = 86_400_000
        const real = Date.now()
        try {
          for (const jump of [day, -day, 0]) {
            vi.useFakeTimers({ now: real + jump, toFake: ['Date'] })
            expect(isHonest(await ask(), DONE)).toBe('whole')
          }
        } finally {
          vi.useRealTimers()
        }
      }),
  },
  {
    fault: "a disk that can only be read, where byok's folder is",
    client: 'the whole answer',
    kept: 'the logins; records, in memory; the log says once that usage cannot be recorded',
    recovers: 'the next request once it can be written',
    run: () =>
      withFolder(async (folder) => {
        const db = join(folder, 'tokens.db')
        const store = await openTokenStore({ path: db, keychain: false })
        await store.put({
          provider: 'local',
          account: 'ann',
          kind: 'oauth',
          tokens: { accessToken: new Secret('secret') },
        })
        await store.close()
        const options = { store: undefined, db }
        await withBench(async ({ ask }) => void expect(isHonest(await ask(), DONE)).toBe('whole'), options)
        const warned: string[] = []
        const logger = { ...silentLogger, warn: (text: string) => void warned.push(text) }
        await withBench(
          async ({ ask }) => {
            const writable = await onlyReadable(folder)
            try {
              expect(isHonest(await ask(), DONE)).toBe('whole')
              await vi.waitFor(() => expect(warned).toEqual(['usage cannot be recorded']), { timeout: 10_000 })
              expect(isHonest(await ask(), DONE)).toBe('whole')
            } finally {
              await writable()
            }
            expect(isHonest(await ask(), DONE)).toBe('whole')
            // Two from before it could only be read, for `withBench` asks once itself.
            await vi.waitFor(async () => expect(await rowsOf(join(folder, 'usage.db'))).toBe(5), { timeout: 10_000 })
            expect(warned).toHaveLength(1)
          },
          { ...options, logger },
        )
      }),
  },
  {
    fault: 'no more files to be had (EMFILE), for there are too many connections',
    client: '502 `upstream_unreachable` where byok is connected; else a connection that breaks off',
    kept: 'the process, and what is under way',
    recovers: 'as soon as some connections end',
    run: async () => {
      // Only Linux can bound a process that runs.
      if (process.platform !== 'linux') return
      const { vendor, provider, close } = await startVendor()
      // Each connection is for one request, so that byok needs a new one.
      vendor.handle = (response, { method }) => {
        response.setHeader('connection', 'close')
        if (method === 'GET') response.writeHead(404).end()
        else response.writeHead(200, SSE).end(RECORDED)
      }
      const byok = await serve({ config: { providers: { local: provider } } })
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      let idle: Socket[] = []
      try {
        expect(isHonest(await askOver(agent, byok.url), DONE)).toBe('whole')
        await allowMore(byok.pid, 8)
        idle = await exhaust(byok.url)
        const answer = await askOver(agent, byok.url)
        expect([answer.status, isHonest(answer, DONE)]).toEqual([502, 'error'])
        for (const socket of idle) socket.destroy()
        await vi.waitFor(async () => expect(isHonest(await askOver(agent, byok.url), DONE)).toBe('whole'), {
          timeout: 10_000,
        })
        byok.kill('SIGTERM')
        agent.destroy()
        expect(await byok.exited).toBe(0)
      } finally {
        for (const socket of idle) socket.destroy()
        agent.destroy()
        await byok.dispose()
        await close()
      }
    },
  },
  {
    fault: 'a restart while a token is refreshed',
    client: '503, with the word that byok was stopped; after the restart the whole answer',
    kept: 'the new token: byok ends once it is stored, for the old one died when it was asked for',
    recovers: 'the next start, on the same files',
    run: () => withFolder(restartDuringRefresh),
  },
  {
    fault: '`kill -9` with streams under way',
    client: 'a connection that breaks off',
    kept: 'the logins; of usage all but the last second',
    recovers: 'the next start, on the same files',
    run: async () => {
      const { vendor, provider, close } = await startVendor()
      let stuck = 0
      vendor.handle = (response, request) => {
        if (request.method === 'GET') response.writeHead(404).end()
        else if (stuck++ < 5) response.writeHead(200, SSE).write(': waiting\n\n')
        else whole(response, request)
      }
      const config = { providers: { local: provider }, server: { keep_alive: 20 } }
      const first = await serve({ config })
      try {
        const open = await Promise.all(Array.from({ length: 5 }, () => askFor(first.url)))
        first.kill('SIGKILL')
        expect(await first.exited).toBe('SIGKILL')
        for (const response of open) await expect(response.text()).rejects.toThrow()
        const second = await serve({ config, home: first.home })
        const answer = await askFor(second.url)
        expect(isHonest({ status: answer.status, text: await answer.text() }, DONE)).toBe('whole')
        second.kill('SIGTERM')
        expect(await second.exited).toBe(0)
      } finally {
        await first.dispose()
        await close()
      }
    },
  },
]
