import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'db0'
import { expect, it, onTestFinished } from 'vitest'
import { openTokenStore } from '../../../src/core/store/index.ts'
import { openLibsql } from '../../../src/core/store/libsql.ts'
import { lastingClient, openPostgres } from '../../../src/core/store/postgres.ts'
import { isInstalled } from './support.ts'

const LIMITS = { connectMs: 50, answerMs: 50 }

/** `pg`'s client as its version 9 will be: it takes no query while another is under way. */
class StrictClient extends EventEmitter {
  static readonly made: StrictClient[] = []
  #busy = false

  constructor() {
    super()
    StrictClient.made.push(this)
  }

  async connect(): Promise<void> {}

  async query(sql: string): Promise<string> {
    if (this.#busy) throw new Error('another query is under way')
    this.#busy = true
    await nextTurn()
    this.#busy = false
    if (sql === 'SILENCE') return await new Promise(() => {})
    if (sql === 'FAULT') throw new Error('syntax error')
    return sql
  }

  async end(): Promise<void> {}
}

it('asks one query after another, in their order, whatever becomes of one', async () => {
  const client = new (lastingClient({ Client: StrictClient }))('postgres://127.0.0.1/byok')
  const answers = await Promise.allSettled(['ONE', 'FAULT', 'TWO'].map((sql) => client.query(sql)))
  expect(answers).toMatchObject([
    { status: 'fulfilled', value: 'ONE' },
    { status: 'rejected', reason: new Error('syntax error') },
    { status: 'fulfilled', value: 'TWO' },
  ])
})

it('connects anew after the connection was lost', async () => {
  StrictClient.made.length = 0
  const client = new (lastingClient({ Client: StrictClient }))('postgres://127.0.0.1/byok')
  await client.query('ONE')
  await client.query('TWO')
  expect(StrictClient.made).toHaveLength(1)
  StrictClient.made[0]?.emit('error')
  expect(await client.query('THREE')).toBe('THREE')
  expect(StrictClient.made).toHaveLength(2)
})

it('gives a silent server up, with all who wait for it, and connects anew for the next', async () => {
  StrictClient.made.length = 0
  const limits = { connectMs: 10_000, answerMs: 20 }
  const client = new (lastingClient({ Client: StrictClient }, limits))('postgres://127.0.0.1/byok')
  const answers = await Promise.allSettled(['SILENCE', 'ONE'].map((sql) => client.query(sql)))
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await client.query('TWO')).toBe('TWO')
  // What becomes of the first is no concern of the second.
  StrictClient.made[0]?.emit('end')
  expect(await client.query('THREE')).toBe('THREE')
  expect(StrictClient.made).toHaveLength(2)
})

const elsewhere: { name: string; library: string; open(port: number): Promise<Database> }[] = [
  { name: 'PostgreSQL', library: 'pg', open: (port) => openPostgres(`postgres://me@127.0.0.1:${port}/byok`, LIMITS) },
  { name: 'libSQL', library: '@libsql/client', open: (port) => openLibsql(`http://127.0.0.1:${port}`, undefined, 50) },
  {
    name: 'libSQL over WebSockets',
    library: '@libsql/client',
    open: (port) => openLibsql(`ws://127.0.0.1:${port}`, 'key', 50),
  },
]
const installed = elsewhere.filter(({ library }) => isInstalled(library))

it.each(installed)('a server of $name that takes connections and says nothing is unavailable', async ({ open }) => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {}))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const database = await open(typeof address === 'object' && address ? address.port : 0)
  const opening = openTokenStore({ database, disposes: true, keyFile: '/nowhere/key' })
  await expect(opening).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' })
})
