import autocannon from 'autocannon'
import type { Endpoint } from './contestants.ts'

export interface LoadOptions {
  connections: number
  /** For so long, */
  seconds?: number
  /** or so many requests. */
  amount?: number
  /** Whether they read streams, short ones. */
  stream?: boolean | undefined
}

/** Twenty events, as fast as they are read. */
const SHORT_STREAM = 'bench-20-0-1'

/** A small chat completion. */
export function smallChat({ model }: Endpoint, stream = false): string {
  return JSON.stringify({
    model: model(stream ? SHORT_STREAM : 'bench'),
    ...(stream && { stream }),
    messages: [
      { role: 'system', content: 'You are terse.' },
      { role: 'user', content: 'Say something old that is true.' },
    ],
    max_tokens: 100,
  })
}

/** Answers a second that the endpoint gives to a number of clients, each of which asks again at once. */
export async function requestsASecond(
  endpoint: Endpoint,
  { connections, seconds, amount, stream }: LoadOptions,
): Promise<number> {
  const { url, headers } = endpoint
  const result = await autocannon({
    url,
    headers,
    method: 'POST',
    body: smallChat(endpoint, stream),
    connections,
    ...(amount === undefined ? { duration: seconds ?? 3 } : { amount }),
  })
  const failed = result.errors + result.non2xx
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests to ${url} failed`)
  return result.requests.total / result.duration
}
