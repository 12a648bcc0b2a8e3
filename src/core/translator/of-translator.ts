import type { ChatEvent, ChatRequest } from '../chat/index.ts'
import { isObject } from '../json/json.ts'
import type { JsonObject } from '../json/json.ts'
import { wellFormed } from '../text/well-formed.ts'
import { ownerOf, PluginFault, pluginFault } from '../plugin/fault.ts'
import type { EventCheck } from './event-check.ts'
import type { Translator, UpstreamErrorInfo } from './translator.ts'

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
 * A request in the provider's format.
 * @throws {ChatError} what the provider cannot be asked, or a {@link PluginFault}
 */
export function requestOf(translator: Translator, chat: ChatRequest, name: string): Record<string, unknown> {
  const body: unknown = ofTranslator(name, () => wellFormed(translator.request(chat)))
  // A promise, as an `async request` gives, would be sent as an empty object.
  if (isObject(body) && !(body instanceof Promise)) return body
  throw new PluginFault('translator', ownerOf(name), undefined, 'gave something else in place of a request')
}

/** What a translator may say of an error answer, by its type; `null` is as good as nothing. */
const ERROR_FIELDS: Partial<Record<keyof UpstreamErrorInfo, 'string' | 'number' | 'object'>> = {
  message: 'string',
  status: 'number',
  type: 'string',
  code: 'string',
  param: 'string',
  retryAfter: 'number',
  upstreamRequestId: 'string',
  details: 'object',
}

/**
 * What a translator reads in an error answer: one in JavaScript may give on whatever stands in the place of a message.
 * @throws {PluginFault}
 */
export function errorOfTranslator(
  translator: Translator,
  answer: Parameters<NonNullable<Translator['error']>>,
  name = '',
): UpstreamErrorInfo {
  const given: UpstreamErrorInfo = ofTranslator(name, () => translator.error?.(...answer)) ?? {}
  const fault = faultOfError(given)
  if (fault !== undefined) throw new PluginFault('translator', ownerOf(name), undefined, fault)
  return given
}

function faultOfError(given: unknown): string | undefined {
  if (!isObject(given) || given instanceof Promise) return 'gave something else in place of an error'
  for (const [field, kind] of Object.entries(ERROR_FIELDS)) {
    const value = given[field]
    if ((value ?? undefined) !== undefined && typeof value !== kind)
      return `gave an error whose \`${field}\` is no ${kind}`
  }
  return undefined
}

/**
 * As {@link ofTranslator}, for what is to give a list, of events or of frames: one in JavaScript may give anything.
 * @throws {PluginFault}
 */
export function listOfTranslator<T>(name = '', work: () => T[]): (T & JsonObject)[] {
  const list = ofTranslator(name, work)
  if (isListOfObjects(list)) return list
  throw new PluginFault('translator', ownerOf(name), undefined, 'gave something else in place of a list')
}

/** As {@link listOfTranslator}, of the events of the answer that `check` is of. */
export function eventsOfTranslator(name = '', check: EventCheck, work: () => ChatEvent[]): ChatEvent[] {
  const events = listOfTranslator(name, work)
  for (const event of events) {
    const fault = check.faultOf(event)
    if (fault !== undefined) throw new PluginFault('translator', ownerOf(name), undefined, fault)
  }
  return events
}

function isListOfObjects<T>(list: T[]): list is (T & JsonObject)[] {
  return Array.isArray(list) && list.every(isObject)
}
