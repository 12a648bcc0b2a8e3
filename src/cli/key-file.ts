import type { Byok } from '../core/byok.ts'
import { KeyError } from '../core/clients/manage.ts'
import { UsageError } from './command.ts'

/** Works on the file of keys. @throws {UsageError} in the words of what is wrong. */
export async function onKeyFile<T>({ clients }: Byok, work: (path: string) => Promise<T>): Promise<T> {
  if (clients.path === undefined) throw new UsageError('this byok keeps no keys of its own.')
  try {
    return await work(clients.path)
  } catch (error) {
    throw error instanceof KeyError ? new UsageError(error.message) : error
  }
}
