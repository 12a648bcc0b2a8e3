import { isObject } from '../../core/json/json.ts'

/**
 * Tells at once of an `await` before `createByok()` that was forgotten, and not at the first request.
 *
 * @throws {TypeError}
 */
export function assertByok(byok: unknown): void {
  const fault = byokFault(byok)
  if (fault) throw fault
}

/** What is wrong with something given for a byok; `undefined` where it is one. */
export function byokFault(byok: unknown): TypeError | undefined {
  if (isObject(byok) && isObject(byok['app'])) return undefined
  const what = byok instanceof Promise ? 'this is a promise: write `await createByok()`' : 'this is something else'
  return new TypeError(`expected a byok, as createByok() gives one; ${what}`)
}
