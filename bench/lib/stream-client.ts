import { Agent, request } from 'undici'
import type { Endpoint } from './contestants.ts'

export interface StreamOptions {
  /** How many events, milliseconds apart, how many at once: see servers/upstream.ts. */
  plan: string
  agent: Agent
  /** Called for each chunk as it arrives. */
  onChunk?(bytes: number): void
}

export interface StreamResult {
  /** Milliseconds from asking to the first chunk with words in it. That an answer begins, byok holds back until it does. */
  firstToken: number
  bytes: number
  /** The longest silence between two chunks, in milliseconds. */
  longestGap: number
}

/** All of the contestants answer as OpenAI does. */
const WORDS = /"content":"[^"]/

/** Connections for many parallel streams. */
export const streamAgent = () => new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })

/** Asks for one streamed chat completion and reads it to its end. */
export async function readStream(endpoint: Endpoint, { plan, agent, onChunk }: StreamOptions): Promise<StreamResult> {
  const start = performance.now()
  const { statusCode, body } = await request(endpoint.url, {
    method: 'POST',
    headers: endpoint.headers,
    body: JSON.stringify({
      model: endpoint.model(plan),
      stream: true,
      messages: [{ role: 'user', content: 'Tell a story.' }],
      max_tokens: 100_000,
    }),
    dispatcher: agent,
  })
  if (statusCode !== 200) throw new Error(`${endpoint.url} answered ${statusCode}: ${await body.text()}`)
  const result: StreamResult = { firstToken: NaN, bytes: 0, longestGap: 0 }
  let last = start
  let tail = ''
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const now = performance.now()
    if (Number.isNaN(result.firstToken) && WORDS.test(chunk.toString('latin1'))) result.firstToken = now - start
    else result.longestGap = Math.max(result.longestGap, now - last)
    last = now
    result.bytes += chunk.byteLength
    tail = chunk.subarray(-32).toString('latin1')
    onChunk?.(chunk.byteLength)
  }
  if (!tail.endsWith('data: [DONE]\n\n')) throw new Error(`a stream of ${endpoint.url} did not end well`)
  return result
}
