import { cleanName } from '../text/clean-name.ts'
import type { RequestInfo } from '../hooks.ts'
import { dayOf } from './day.ts'

/** One request as it is kept. Says nothing of what was asked or answered. */
export interface UsageRecord {
  /** byok's id of the request. */
  id: string
  /** Unix milliseconds at which it came. */
  time: number
  /** That day by this machine's clock. */
  day: string
  /** The label of the client's key. */
  client: string | null
  protocol: string | null
  provider: string | null
  account: string | null
  /** As the provider knows it; as the client named it where no provider was found. */
  model: string | null
  /** As the client named it. */
  requestedModel: string | null
  status: number | null
  outcome: string
  error: string | null
  attempts: number
  stream: boolean
  /** Tokens; `null` where the provider did not say. */
  input: number | null
  output: number | null
  cachedInput: number | null
  cacheWrite: number | null
  reasoning: number | null
  /** Whether the tokens are byok's estimate. */
  estimated: boolean
  /** Milliseconds until the answer began. */
  firstByteMs: number | null
  durationMs: number
}

/** A request that is over as a record; `undefined` for one that was not for a model. */
export function recordOf(info: RequestInfo, now = Date.now()): UsageRecord | undefined {
  if (info.protocol === undefined || info.model === undefined) return undefined
  const { usage, upstreamModel = info.model } = info
  const requestedModel = cleanName(info.model)
  return {
    id: info.id,
    time: info.startedAt,
    day: dayOf(info.startedAt),
    client: info.client ?? null,
    protocol: info.protocol,
    provider: info.provider ?? null,
    account: info.account ?? null,
    model: upstreamModel === info.model ? requestedModel : cleanName(upstreamModel),
    requestedModel,
    status: info.status ?? null,
    outcome: info.outcome ?? 'error',
    error: info.error ?? null,
    attempts: info.attempts ?? 0,
    stream: info.stream ?? false,
    input: usage?.input ?? null,
    output: usage?.output ?? null,
    cachedInput: usage?.cachedInput ?? null,
    cacheWrite: usage?.cacheWrite ?? null,
    reasoning: usage?.reasoning ?? null,
    estimated: usage?.estimated ?? false,
    firstByteMs: info.firstByteAt === undefined ? null : info.firstByteAt - info.startedAt,
    durationMs: now - info.startedAt,
  }
}
