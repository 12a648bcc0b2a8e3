import { isObject } from '../json.ts'
import { ownerOf, PluginFault, pluginFault } from '../plugin-fault.ts'

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
