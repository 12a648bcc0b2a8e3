import type { Worker } from 'node:cluster'
import { createStorage } from 'unstorage'
import type { Driver } from 'unstorage'
import memory from 'unstorage/drivers/memory'
import type { Byok } from '../../core/byok.ts'
import { memoryDriver } from '../../core/cache/memory-driver.ts'
import { isFromPrimary } from './messages.ts'
import type { FromPrimary, FromWorker, MemoryCall } from './messages.ts'
import { reasonOf } from '../../core/log/fault.ts'

/** The memory of all workers, in the primary: what a worker kept is there when that is gone. */
export function sharedMemory({ config }: Byok): (worker: Worker, message: FromWorker) => void {
  const storage = createStorage({ driver: memoryDriver(config.responses) })
  // Small, and not to be crowded out by responses.
  storage.mount('budgets', memory() as Driver)
  const run = (call: MemoryCall): Promise<unknown> => {
    switch (call.method) {
      case 'hasItem':
        return storage.hasItem(call.key)
      case 'getItem':
        return storage.getItemRaw(call.key)
      case 'setItem':
        return storage.setItem(call.key, call.value, call.ttl === undefined ? {} : { ttl: call.ttl })
      case 'removeItem':
        return storage.removeItem(call.key)
      case 'getKeys':
        return storage.getKeys(call.key)
    }
  }
  return (worker, message) => {
    if (message.byok !== 'memory') return
    const { id, call } = message
    const answer = (outcome: { value?: unknown; fault?: string }) => {
      if (worker.isConnected()) worker.send({ byok: 'memory', id, ...outcome } satisfies FromPrimary, () => {})
    }
    run(call).then(
      (value) => answer({ value }),
      (error: unknown) => answer({ fault: reasonOf(error) }),
    )
  }
}

/** A worker's way to the memory in the primary. */
export function primaryMemory(): Driver {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let last = 0
  process.on('message', (message) => {
    if (!isFromPrimary(message) || message.byok !== 'memory') return
    const caller = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.fault === undefined) caller?.resolve(message.value)
    else caller?.reject(new Error(message.fault))
  })
  const ask = (call: MemoryCall) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      process.send?.({ byok: 'memory', id, call } satisfies FromWorker, (error: Error | null) => {
        if (!error) return
        waiting.delete(id)
        reject(error)
      })
    })
  return {
    name: 'byok-primary',
    hasItem: async (key) => (await ask({ method: 'hasItem', key })) === true,
    async getItem(key) {
      const text = await ask({ method: 'getItem', key })
      return typeof text === 'string' ? text : null
    },
    async setItem(key, value, options: { ttl?: number } = {}) {
      await ask({ method: 'setItem', key, value, ...(options.ttl && { ttl: options.ttl }) })
    },
    async removeItem(key) {
      await ask({ method: 'removeItem', key })
    },
    async getKeys(base) {
      const keys = await ask({ method: 'getKeys', key: base })
      return Array.isArray(keys) ? keys.map(String) : []
    },
  }
}
