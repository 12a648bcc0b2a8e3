import type { Stop } from '../async/abort.ts'
import { ChatError } from '../chat/index.ts'
import { isHookError } from '../hooks.ts'
import { PluginFault } from '../plugin/fault.ts'
import { kindOfFailure } from '../routing/failure.ts'
import type { Pick, Selection } from '../routing/selection.ts'
import { TimeLimit } from '../async/waiting.ts'
import { LinkedAbort } from './linked-abort.ts'
import { ShuttingDown } from './shutting-down.ts'
import type { Closing } from './shutting-down.ts'

export interface FailoverLimits {
  /** The most accounts asked, but for those that are spent: that is said at once, and each says it once before its time. */
  maxAttempts: number
  /** Milliseconds until an answer begins, all attempts together. */
  timeout: number
  /** Aborts when the client goes away. */
  signal: Stop
  closing: Closing
}

/** This account cannot be asked such a thing, though others may: nothing was sent, and it is no worse for that. */
export class CannotAsk extends Error {
  override readonly name = 'CannotAsk'
}

/**
 * Asks one account after the other until one answers. An error that is the request's own, a hook's, a plugin's or byok's ends it at
 * once. While others could serve, an account that stays silent gets no more than half of the time that is left; one whose model writes
 * already is not interrupted.
 *
 * @param attempt Asks one account; resolves when its answer has begun. Its abort comes too when the client goes away, time is up
 * or it fails; once the answer is over it is to be unlinked.
 * @throws {ChatError}
 * @throws {CannotAsk} where that is all that any account said.
 */
export async function failover<Answer>(
  selection: Selection,
  { maxAttempts, timeout, signal, closing }: FailoverLimits,
  attempt: (pick: Pick, abort: LinkedAbort) => Promise<Answer>,
): Promise<Answer> {
  // By the clock of timers, which nobody sets.
  const end = performance.now() + timeout
  const total = new TimeLimit(timeout, () => timedOut('No answer began within routing.timeout', timeout))
  try {
    let attempts = 0
    let asked = false
    let unfit: CannotAsk | undefined
    while (attempts < maxAttempts) {
      const next = selection.next({ signal, limit: total })
      const pick = next instanceof Promise ? await next : next
      if (!pick) break
      const { title } = pick.account.provider
      const share = (end - performance.now()) / 2
      const own = pick.others
        ? new TimeLimit(share, () => timedOut(`${title} did not begin an answer in its time`, share))
        : undefined
      const abort = new LinkedAbort(signal, closing)
      for (const limit of [total, own]) limit?.onEnd((error) => abort.abort(error))
      abort.whenBegun(() => {
        // Once time is up, it is too late for another account all the same.
        for (const limit of [total, own]) limit?.onEnd(() => {})
      })
      try {
        const answer = await attempt(pick, abort)
        pick.succeed()
        return answer
      } catch (thrown) {
        abort.unlink()
        const { reason } = abort
        // What is left of the attempt must not go on beside the next.
        abort.abort(thrown)
        if (thrown instanceof CannotAsk) {
          pick.release()
          unfit = thrown
          continue
        }
        asked = true
        if (reason instanceof ShuttingDown) {
          pick.release()
          throw reason
        }
        // What an aborted request throws says less than why it was aborted.
        const error = signal.aborted ? thrown : (reason ?? thrown)
        if (signal.aborted || !(error instanceof ChatError) || isHookError(error) || error instanceof PluginFault) {
          pick.release()
          throw error
        }
        if (!pick.fail(error) || total.error) throw error
        if (kindOfFailure(error) !== 'spent') attempts++
      } finally {
        own?.clear()
      }
    }
    if (unfit && !asked && selection.unasked === 0) throw unfit
    throw selection.exhausted()
  } finally {
    total.clear()
  }
}

function timedOut(what: string, milliseconds: number): ChatError {
  return new ChatError(`${what} (${Math.round(milliseconds / 1000)} s). Try again, or raise routing.timeout.`, {
    status: 504,
    type: 'timeout_error',
    code: 'routing_timeout',
  })
}
