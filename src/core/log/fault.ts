import { inspect } from 'node:util'
import { isNativeError } from 'node:util/types'
import { isObject } from '../json/json.ts'

/** Whether it is an error, of Node's own too where a program runs in a context of its own, as tests do in Jest: those are of another `Error`. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value)
}

/** An error in its own words. What a plugin throws may be anything. */
export function reasonOf(error: unknown): string {
  if (isError(error)) return issuesOf(error) ?? error.message
  if (typeof error === 'string') return error
  if (isObject(error) && typeof error['message'] === 'string') return error['message']
  // `String` has no words for an object, and fails on one without a prototype.
  return inspect(error, { depth: 1, breakLength: Infinity, maxArrayLength: 10, maxStringLength: 200 })
}

/** What Zod found, whichever copy of it a plugin has: its message is all of that as JSON. */
function issuesOf(error: Error): string | undefined {
  if (!/^\$?ZodError$/.test(error.name) || !('issues' in error) || !Array.isArray(error.issues)) return undefined
  const lines = error.issues.filter(isObject).map(({ path, message }) => {
    const place = Array.isArray(path) ? path.map(String).join('.') : ''
    return `${place === '' ? '' : `${place}: `}${String(message)}`
  })
  return lines.length > 0 ? lines.join('; ') : undefined
}

/** What is logged of an error that nobody expected: where it came from. Its message may quote what a client sent. */
export function faultOf(error: unknown): string {
  if (isError(error)) return `${error.name}\n${stackFrames(error)}`
  return `what was thrown is no Error, and so does not say where: ${error === null ? 'null' : typeof error}`
}

function stackFrames(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .join('\n')
}

/** The code of an error of Node's or a library's, such as `ENOENT` or `SQLITE_BUSY`. */
export function codeOf(error: unknown): string | undefined {
  return isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
