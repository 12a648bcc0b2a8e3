import { ChatError } from '../chat/index.ts'
import { isHookError } from '../hooks.ts'
import { isObject } from '../json.ts'
import { PluginFault, pluginFault } from '../plugin-fault.ts'
import { ShuttingDown } from './shutting-down.ts'

/** Does a provider's part of a request. What fails in it names that provider as config does; wire formats know its title at most. */
export async function ofProvider<T>(name: string | undefined, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw named(error, name)
  }
}

/**
 * Does a translator's part of a request.
 * @throws {ChatError} that says whose the translator is, where it fails and not on purpose
 */
export function ofTranslator<T>(name = '', work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw pluginFault(error, 'translator', ownerOf(name))
  }
}

/**
 * As {@link ofTranslator}, for what is to give a list, of events or of frames: one in JavaScript may give anything.
 * @throws {PluginFault}
 */
export function listOfTranslator<T>(name = '', work: () => T[]): T[] {
  const list = ofTranslator(name, work)
  if (isListOfObjects(list)) return list
  throw new PluginFault('translator', ownerOf(name), undefined, 'gave something else in place of a list')
}

function isListOfObjects(list: unknown): boolean {
  return Array.isArray(list) && list.every(isObject)
}

function ownerOf(name: string): string {
  return `provider "${name}"`
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
