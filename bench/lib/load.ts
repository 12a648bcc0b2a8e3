import autocannon from 'autocannon'
import type { Endpoint } from './contestants.ts'
import { chatFor } from './work.ts'
import type { Work } from './work.ts'

export interface LoadOptions {
  connections: number
  /** In whole seconds: autocannon ends at one. */
  seconds: number
  work?: Work | undefined
}

/** How many answers the endpoint gives, and how many a second, to a number of clients, each of which asks again at once. */
export async function load(
  endpoint: Endpoint,
  { connections, seconds, work }: LoadOptions,
): Promise<{ answers: number; rate: number }> {
  const { url, headers } = endpoint
  const result = await autocannon({
    url,
    headers,
    method: 'POST',
    body: chatFor(endpoint, work),
    connections,
    duration: seconds,
  })
  const failed = result.errors + result.non2xx
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests to ${url} failed`)
  const answers = result.requests.total
  return { answers, rate: answers / result.duration }
}
