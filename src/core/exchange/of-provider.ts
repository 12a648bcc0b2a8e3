import { ChatError } from '../chat/index.ts'
import { isHookError } from '../hooks.ts'
import { ShuttingDown } from './shutting-down.ts'

/** Does a provider's part of a request. What fails in it names that provider as config does; wire formats know its title at most. */
export async function ofProvider<T>(name: string | undefined, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw named(error, name)
  }
}

/** What failed in a provider's part of a request, naming that provider. */
export function named(error: unknown, name: string | undefined): unknown {
  if (error instanceof ChatError) nameProvider(error, name)
  return error
}

/** Has an error of a provider's name it. Those of hooks, and byok's own end, are none. */
export function nameProvider(error: ChatError, name: string | undefined): void {
  if (name !== undefined && !isHookError(error) && !(error instanceof ShuttingDown)) error.provider = name
}
