import type { RequestInfo } from '../hooks.ts'
import { randomHex } from '../text/random-hex.ts'

/**
 * What is known of a request that has just come.
 * @param id the client's own name of it. Default: a new one.
 */
export function newInfo(method: string, path: string, id = newId()): RequestInfo {
  // Every field from the start: an object that grows is made anew at each step.
  return {
    id,
    startedAt: Date.now(),
    method,
    path,
    scheme: undefined,
    route: undefined,
    protocol: undefined,
    model: undefined,
    provider: undefined,
    upstreamModel: undefined,
    upstreamProtocol: undefined,
    upstreamOrigin: undefined,
    account: undefined,
    attempts: undefined,
    client: undefined,
    stream: undefined,
    passthrough: undefined,
    firstByteAt: undefined,
    sentBytes: undefined,
    status: undefined,
    usage: undefined,
    upstreamRequestId: undefined,
    answer: undefined,
    outcome: undefined,
    error: undefined,
  }
}

function newId(): string {
  return `req_${randomHex()}`
}
