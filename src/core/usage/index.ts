import { join } from 'node:path'
import type { ClientKeys } from '../clients/client-keys.ts'
import type { Config } from '../config/schema.ts'
import type { Storage } from 'unstorage'
import type { Hooks } from '../hooks.ts'
import type { Logger } from '../log/log.ts'
import { Budgets } from './budgets.ts'
import type { ClientUsage } from './budgets.ts'
import { UsageDatabase } from './database.ts'
import { recordOf } from './record.ts'
import { UsageRecorder } from './recorder.ts'
import { SharedBudgets } from './shared-budgets.ts'
import { reasonOf } from '../log/fault.ts'
import { USAGE_FILE } from '../store/sqlite-error.ts'

export interface UsageParts {
  /** The folder of `usage.db`; `undefined` records nothing. */
  folder: string | undefined
  /** What outlasts a restart. */
  storage: Storage
  /** As it is now. */
  config: () => Config
  clients: ClientKeys
  hooks: Hooks
  logger: Logger
}

/** What requests use: recorded when each is over, and held against its client's budget. */
export interface Usage {
  budgets: Budgets
  database: UsageDatabase | undefined
  /** Counts what clients used earlier today. */
  restore(): Promise<void>
  close(): Promise<void>
}

export function createUsage({ folder, storage, config, clients, hooks, logger }: UsageParts): Usage {
  const budgets = new Budgets()
  const database =
    folder === undefined ? undefined : new UsageDatabase(join(folder, USAGE_FILE), (text) => logger.warn(text))
  const recorder = database && new UsageRecorder({ database, settings: () => config().usage, logger })
  hooks.hook('response', ({ info }) => {
    if (info.usage) budgets.spend(info.client, info.usage.input + info.usage.output)
    const record = recorder && recordOf(info)
    if (record) recorder.record(record)
  })
  const before = async (day: string): Promise<ClientUsage[]> => {
    try {
      return (await database?.clientsOf(day)) ?? []
    } catch (error) {
      const fault = reasonOf(error)
      logger.warn('what clients used today cannot be read; their budgets begin anew', { fault })
      return []
    }
  }
  const sharing = new SharedBudgets({ budgets, storage, needed: () => clients.required, before })
  return {
    budgets,
    database,
    restore: () => sharing.start(),
    async close() {
      await sharing.close()
      await recorder?.close()
    },
  }
}
