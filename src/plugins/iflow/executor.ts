import { baseUrlOf, jsonOf, tokenOf, version } from '../../index.ts'
import type { Executor } from '../../index.ts'
import { createHmac, randomUUID } from 'node:crypto'

/** Source: AprilNEA/BYOKEY, crates/provider/src/executor/iflow.rs. */
const BASE_URL = 'https://apis.iflow.cn/v1'

export const executor: Executor = async ({ request, credential, config, fetch }) => {
  const key = tokenOf(credential).reveal()
  // What config adds is sent over byok's own, and the signature is over what is sent.
  const userAgent = headerOf(config.headers, 'user-agent') ?? `byok/${version}`
  return await fetch(`${baseUrlOf(credential, config) ?? BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      'user-agent': userAgent,
      ...signatureHeaders(key, { userAgent, session: `session-${randomUUID()}`, timestamp: Date.now() }),
    },
    body: jsonOf(request),
  })
}

export interface Signed {
  userAgent: string
  session: string
  /** Unix milliseconds. */
  timestamp: number
}

/**
 * The headers that sign a request: HMAC-SHA256 with the API key over `userAgent:session:timestamp`, in hex.
 *
 * Source: BYOKEY as above; justlovemaki/AIClient-2-API, src/providers/openai/iflow-core.js, `createIFlowSignature`.
 */
export function signatureHeaders(key: string, { userAgent, session, timestamp }: Signed): Record<string, string> {
  const signature = createHmac('sha256', key).update(`${userAgent}:${session}:${timestamp}`).digest('hex')
  return { 'session-id': session, 'x-iflow-timestamp': String(timestamp), 'x-iflow-signature': signature }
}

function headerOf(headers: Record<string, string>, name: string): string | undefined {
  return Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1]
}
