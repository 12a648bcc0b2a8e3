import { signalOf } from '../async/abort.ts'
import type { Stop } from '../async/abort.ts'
import type { UpstreamResponse } from '../upstream/fetch.ts'

/**
 * An executor's answer that ends where its attempt does. One of byok's own `fetch` does so by itself; a body that the executor made, as
 * of another vendor's SDK, may know nothing of the attempt.
 */
export function stoppable(response: UpstreamResponse, stop: Stop): UpstreamResponse {
  // To look at the body of one of those makes a web stream of it.
  if (response.chunks) return response
  const { status, headers, body } = response
  if (!(body instanceof ReadableStream)) return response
  const ending = body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal: signalOf(stop) })
  return new Response(ending, { status, headers })
}
