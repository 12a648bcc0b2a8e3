import { ChatError } from '../chat/index.ts'

/**
 * An error as the AI SDK tells one of a provider: by these symbols, which are the same in every copy of it (`APICallError` and
 * `AISDKError` of @ai-sdk/provider), and not by its class. It stays the {@link ChatError} it is.
 */
const MARKS = [Symbol.for('vercel.ai.error'), Symbol.for('vercel.ai.error.AI_APICallError')]

/** What the SDK asks again after, of its own accord (`isRetryable` of APICallError). */
const isRetryable = (status: number) => status === 408 || status === 409 || status === 429 || status >= 500

/** The error for the SDK; what is none of byok's, such as the reason of an aborted signal, is left as it is. */
export function asCallError(error: unknown, modelId: string): unknown {
  if (!(error instanceof ChatError)) return error
  const { status, code, param, type, provider, retryAfter } = error
  const fields = {
    url: `byok:${modelId}`,
    requestBodyValues: {},
    statusCode: status,
    responseHeaders: retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) },
    isRetryable: isRetryable(status),
    data: { code, param, type, provider },
  }
  return marked(Object.assign(error, fields), MARKS)
}

function marked<E extends Error>(error: E, marks: readonly symbol[]): E {
  for (const mark of marks) Reflect.set(error, mark, true)
  return error
}
