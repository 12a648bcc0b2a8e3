import { ChatError } from '../chat/index.ts'
import { isHookError } from '../hooks.ts'
import type { Pick, Selection } from '../routing/selection.ts'

export interface FailoverLimits {
  /** The most accounts asked. */
  maxAttempts: number
  /** Milliseconds until an answer begins, all attempts together. */
  timeout: number
  /** Aborts when the client goes away. */
  signal: AbortSignal
}

/**
 * Asks one account after the other until one answers. An error that is the request's own, a hook's or byok's ends it at
 * once.
 *
 * @param attempt Asks one account; resolves when its answer has begun. Its signal aborts too when time is up.
 * @throws {ChatError}
 */
export async function failover<Answer>(
  selection: Selection,
  { maxAttempts, timeout, signal }: FailoverLimits,
  attempt: (pick: Pick, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const overdue = new AbortController()
  const timer = setTimeout(() => overdue.abort(timedOut(timeout)), timeout)
  const either = AbortSignal.any([signal, overdue.signal])
  try {
    for (let attempts = 0; attempts < maxAttempts; attempts++) {
      const pick = await selection.next(either)
      if (!pick) break
      try {
        const answer = await attempt(pick, either)
        pick.succeed()
        return answer
      } catch (thrown) {
        // What an aborted request throws says less than why it was aborted.
        const error: unknown = overdue.signal.aborted && !signal.aborted ? overdue.signal.reason : thrown
        if (signal.aborted || !(error instanceof ChatError) || isHookError(error)) {
          pick.release()
          throw error
        }
        if (!pick.fail(error) || overdue.signal.aborted) throw error
      }
    }
    throw selection.exhausted()
  } finally {
    clearTimeout(timer)
  }
}

function timedOut(timeout: number): ChatError {
  return new ChatError(
    `No answer began within routing.timeout (${Math.round(timeout / 1000)} s). Try again, or raise it.`,
    { status: 504, type: 'timeout_error', code: 'routing_timeout' },
  )
}
