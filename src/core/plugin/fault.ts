import { ChatError } from '../chat/index.ts'
import { isObject } from '../json/json.ts'

/** A function of a plugin's failed, and not on purpose: the request ends, whoever else could be asked. */
export class PluginFault extends ChatError {
  /** Which of its parts, such as `executor`. */
  readonly part: string
  /** Whose it is, such as `plugin "acme"`. */
  readonly owner: string

  constructor(part: string, owner: string, cause: unknown, what = "failed. byok's log has the details") {
    super(`The ${part} of ${owner} ${what}.`, { status: 500, code: 'plugin_failed', cause })
    this.part = part
    this.owner = owner
  }
}

/** Whose a part of a provider's is, by the provider's name in config. */
export function ownerOf(provider: string): string {
  return `provider "${provider}"`
}

/** What a plugin threw: a {@link ChatError} is meant for the client, anything else is its fault. */
export function pluginFault(error: unknown, part: string, owner: string): ChatError {
  return error instanceof ChatError ? error : new PluginFault(part, owner, error)
}

/** Of the answer that a plugin was to give, as much as all have that can be worked with. */
export function isAnswer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'status' in value && hasHeaders(value)
}

/** Headers that are yet to be made of what was received are left so. */
function hasHeaders(value: object): boolean {
  if ('received' in value && value.received !== undefined) return true
  return 'headers' in value && isObject(value.headers) && typeof value.headers['get'] === 'function'
}

/** For what gave none of those. */
export function noAnswer(part: string, owner: string): PluginFault {
  return new PluginFault(part, owner, undefined, 'gave no response')
}
