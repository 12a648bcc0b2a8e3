import { randomUUID } from 'node:crypto'
import type { RequestInfo } from '../hooks.ts'

/** What is known of a request that has just come. */
export function newInfo(method: string, path: string): RequestInfo {
  return { id: `req_${randomUUID().replaceAll('-', '')}`, startedAt: Date.now(), method, path }
}
