import type { ExchangeContext } from '../exchange/exchange.ts'
import { newInfo } from '../exchange/info.ts'
import { failure } from '../in-process/call.ts'
import type { Asking } from '../routes/plain.ts'
import { asCallError } from './error.ts'
import { givenHeaders } from './request.ts'

/** A call of the SDK's that is no chat. */
interface PlainCall {
  /** What records of usage call it. */
  name: string
  /** The protocol in whose words it is asked. */
  protocol: string
  model: string
  headers?: Record<string, string | undefined> | undefined
  abortSignal?: AbortSignal | undefined
}

/** Has `work` ask, with the body it makes, and read the answer. What fails is an error of the SDK's. */
export async function plainCall<Result>(
  context: ExchangeContext,
  { name, protocol, model, headers, abortSignal }: PlainCall,
  work: (asking: Omit<Asking, 'body'>, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const info = newInfo('CALL', name)
  info.protocol = protocol
  const signal = abortSignal ?? new AbortController().signal
  try {
    return await work({ headers: new Headers(givenHeaders(headers)), info, toNode: false }, signal)
  } catch (error) {
    throw asCallError(failure(context, error, info, { signal }), model)
  }
}
