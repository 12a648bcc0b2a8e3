import type { ChatError } from '../chat/index.ts'
import type { RequestInfo } from '../hooks.ts'
import { setRoutingHeaders } from './headers.ts'
import { settle, toChatError } from './settle.ts'
import type { Reporter } from './settle.ts'

/** Ends a request that failed. @returns the error as the client may see it, and the headers that go with it */
export function failed(reporter: Reporter, info: RequestInfo, thrown: unknown): { error: ChatError; headers: Headers } {
  const error = toChatError(thrown, reporter, info)
  info.status = error.status
  settle(reporter, info, 'error', error)
  const headers = new Headers({ 'x-request-id': info.id })
  setRoutingHeaders(headers, info)
  if (error.retryAfter !== undefined) headers.set('retry-after', String(Math.ceil(error.retryAfter)))
  return { error, headers }
}
