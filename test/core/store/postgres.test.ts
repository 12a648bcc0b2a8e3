import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { lastingClient } from '../../../src/core/store/postgres.ts'

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
