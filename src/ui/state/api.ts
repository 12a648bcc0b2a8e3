import { openSession } from './session.ts'
import { ApiError } from './error.ts'

interface Call {
  method?: 'GET' | 'POST' | 'PUT'
  body?: object
  signal?: AbortSignal
}

/**
 * Asks byok. Addresses are relative, so that the page works wherever it is mounted.
 *
 * @throws {ApiError} for every answer but a good one
 */
export async function ask(path: string, call: Call = {}): Promise<Response> {
  const response = await send(path, call)
  if (response.ok) return response
  const error = await errorOf(response)
  // The session may be over, as after a start of byok anew; where a browser may have another, nobody need notice.
  if (error.code !== 'admin_only' || !(await openSession())) throw error
  const again = await send(path, call)
  if (again.ok) return again
  throw await errorOf(again)
}

/** What byok answers, of the type that both share. */
export async function askFor<T>(path: string, call: Call = {}): Promise<T> {
  return (await (await ask(path, call)).json()) as T
}

async function send(path: string, { method = 'GET', body, signal }: Call): Promise<Response> {
  try {
    return await fetch(`ui/api/${path}`, {
      method,
      signal: signal ?? null,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError('byok does not answer. Is it still running?', { status: 0, code: 'unreachable' })
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '')
  return ApiError.of(response.status, text)
}
