import { ChatError } from '../chat/index.ts'
import { runHook } from '../hooks.ts'
import type { Streams } from '../clients/streams.ts'
import type { Hooks, RequestInfo } from '../hooks.ts'
import type { Logger } from '../log.ts'

/** What a request's end is reported to. */
export interface Reporter {
  hooks: Hooks
  logger: Logger
  streams: Streams
  /** Told before the hooks. */
  onSettle?(outcome: NonNullable<RequestInfo['outcome']>, error?: ChatError): void
}

/** The error as the client may see it. What is no {@link ChatError} is a fault of byok's own: logged, and a plain 500. */
export function toChatError(error: unknown, { logger }: Reporter, info: RequestInfo): ChatError {
  const known = error instanceof ChatError ? error : undefined
  const fault = known ? known.cause : error
  if (!known || known.code === 'hook_failed') {
    // The stack alone: a message may quote what the client sent.
    const stack = fault instanceof Error ? `${fault.name}\n${stackFrames(fault)}` : typeof fault
    logger.error('request failed inside byok', { id: info.id, fault: stack })
  }
  if (known) return known
  return new ChatError(`byok failed on this request. Its log has the details under ${info.id}.`, {
    status: 500,
    code: 'internal_error',
    cause: error,
  })
}

/** Reports the end of a request, once; later calls do nothing. */
export function settle(
  reporter: Reporter,
  info: RequestInfo,
  outcome: NonNullable<RequestInfo['outcome']>,
  error?: ChatError,
): void {
  if (info.outcome) return
  info.outcome = outcome
  if (error) info.error = error.code ?? error.type
  reporter.streams.leave(info)
  reporter.onSettle?.(outcome, error)
  const failed = (fault: unknown) => reporter.logger.error('a hook failed', { id: info.id, fault: String(fault) })
  void (async () => {
    if (error) await runHook(reporter.hooks, 'error', { info, error }).catch(failed)
    await runHook(reporter.hooks, 'response', { info }).catch(failed)
  })()
}

function stackFrames(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .join('\n')
}
