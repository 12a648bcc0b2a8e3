import { FastResponse } from 'srvx'
import type { RequestInfo } from '../hooks.ts'
import type { Protocol } from '../protocols/protocol.ts'
import type { PipingBody } from './stream/stream-body.ts'

export type HeaderList = [name: string, value: string][]

/** The headers that say who served a request. */
export const ROUTING_HEADERS = ['x-byok-provider', 'x-byok-account', 'x-byok-attempts'] as const

/** Sets {@link ROUTING_HEADERS}, as far as the request came; on answers and errors alike. */
export function setRoutingHeaders(headers: Headers, info: RequestInfo): void {
  for (const [name, value] of routingHeaders(info)) headers.set(name, value)
}

/** The request's id in the header that the protocol's clients read it from, where that is another than everyone's. */
export function idHeader({ requestIdHeader }: Protocol, { id }: RequestInfo): HeaderList {
  return requestIdHeader === undefined ? [] : [[requestIdHeader, id]]
}

function routingHeaders({ provider, account, attempts }: RequestInfo): HeaderList {
  if (attempts === undefined) return []
  const headers: HeaderList = [['x-byok-attempts', String(attempts)]]
  if (provider !== undefined) headers.push(['x-byok-provider', headerSafe(provider)])
  if (account !== undefined) headers.push(['x-byok-account', headerSafe(account)])
  return headers
}

/** {@link signedResponse} made it. */
class SignedResponse extends FastResponse {}

/**
 * An answer that bears the request's id and {@link ROUTING_HEADERS} from the start. To set them later would have a `Headers` made of
 * headers that else go to the socket as they are.
 *
 * @param more Headers besides. Default: none.
 */
export function signedResponse(
  { id, attempts, provider, account }: RequestInfo,
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | PipingBody | string,
  type: string,
  more: HeaderList = [],
): Response {
  // A list: of an object srvx would make one.
  const headers: HeaderList = [
    ['content-type', type],
    ['x-request-id', id],
    ['x-byok-attempts', String(attempts ?? 0)],
    ['x-byok-provider', headerSafe(provider ?? '')],
    ['x-byok-account', headerSafe(account ?? '')],
    ...more,
  ]
  // On Node, srvx takes a body that pipes itself too, which its types do not say.
  return new SignedResponse(body as Exclude<typeof body, PipingBody>, {
    status: 200,
    headers,
  })
}

export function isSigned(response: Response): boolean {
  return response instanceof SignedResponse
}

/**
 * A label as a header can carry it: what is no plain ASCII is percent-encoded, by way of bytes because half a surrogate
 * pair cannot be.
 */
function headerSafe(label: string): string {
  return /^[\x21-\x7e]+( +[\x21-\x7e]+)*$/.test(label) ? label : encodeURIComponent(Buffer.from(label).toString())
}
