import { ChatError, ownChatError } from '../chat/index.ts'
import type { Usage } from '../chat/index.ts'
import type { Streams } from '../clients/streams.ts'
import { HookError, runHook } from '../hooks.ts'
import type { Hooks, RequestInfo } from '../hooks.ts'
import { faultOf } from '../log/fault.ts'
import type { Logger } from '../log/log.ts'
import { PluginFault } from '../plugin/fault.ts'
import { compact } from '../protocols/json.ts'
import { isStoreFault } from '../store/errors.ts'
import { ShuttingDown } from './shutting-down.ts'

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
  if (error instanceof HookError) {
    const { hook, owner, left, message, cause } = error
    logger.error('a hook failed', { id: info.id, hook, owner, fault: left === undefined ? faultOf(cause) : message })
  }
  if (error instanceof PluginFault) {
    const { part, owner, message, cause } = error
    logger.error('a plugin failed', { id: info.id, part, owner, fault: cause === undefined ? message : faultOf(cause) })
  }
  if (error instanceof ChatError) return ownChatError(error)
  if (isStoreFault(error)) {
    logger.error('the logins could not be read', { id: info.id, code: error.code, fault: error.message })
    return new ChatError(`byok could not read its logins. Its log has the details under ${info.id}. Try again.`, {
      status: 503,
      type: 'server_error',
      code: 'logins_unavailable',
      cause: error,
    })
  }
  logger.error('request failed inside byok', { id: info.id, fault: faultOf(error) })
  return new ChatError(`byok failed on this request. Its log has the details under ${info.id}.`, {
    status: 500,
    code: 'internal_error',
    cause: error,
  })
}

/** Reports the end of a request, once; later calls do nothing. One that byok itself cut short is nobody's error. */
export function settle(
  reporter: Reporter,
  info: RequestInfo,
  outcome: NonNullable<RequestInfo['outcome']>,
  error?: ChatError,
): void {
  if (info.outcome) return
  if (error instanceof ShuttingDown) {
    settle(reporter, info, 'aborted')
    return
  }
  info.outcome = outcome
  if (info.usage) info.usage = withoutNegatives(info.usage)
  if (error) info.error = error.code ?? error.type
  reporter.streams.leave(info)
  reporter.onSettle?.(outcome, error)
  tellHooks(reporter, info, error)
}

/** As it can be added up: what a server counts below zero would give a budget back, and Prometheus' counters take no such number. */
function withoutNegatives(usage: Usage): Usage {
  const { input, output, cachedInput, cacheWrite, reasoning } = usage
  if (Math.min(input, output, cachedInput ?? 0, cacheWrite ?? 0, reasoning ?? 0) >= 0) return usage
  const atLeastNone = (count: number | undefined) => count && Math.max(count, 0)
  return {
    ...usage,
    input: Math.max(input, 0),
    output: Math.max(output, 0),
    ...compact({
      cachedInput: atLeastNone(cachedInput),
      cacheWrite: atLeastNone(cacheWrite),
      reasoning: atLeastNone(reasoning),
    }),
  }
}

function tellHooks({ hooks, logger }: Reporter, info: RequestInfo, error: ChatError | undefined): void {
  const failed = (fault: unknown) => logger.error('a hook failed', { id: info.id, fault: faultOf(fault) })
  /** One after the other; where the handlers of one are done at once, so is this. */
  const next = (before: Promise<void> | undefined, run: () => Promise<void> | undefined) =>
    before ? before.catch(failed).then(run) : run()
  const told = error && runHook(hooks, 'error', { info, error })
  const used = next(told, () => info.usage && runHook(hooks, 'usage', { info, usage: info.usage }))
  void next(used, () => runHook(hooks, 'response', { info }))?.catch(failed)
}
