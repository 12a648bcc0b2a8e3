import { signal } from '@preact/signals'
import { ApiError } from './error.ts'

/** Whether byok wants a key of an administrator before it says anything. */
export const locked = signal(false)

let opening: Promise<boolean> | undefined

/**
 * Begins a session, which the browser keeps in a cookie that no script can read.
 *
 * @returns whether there is one now; if not, the page asks for a key
 */
export function openSession(): Promise<boolean> {
  opening ??= post().then(
    () => true,
    () => false,
  )
  return opening.then((opened) => {
    opening = undefined
    locked.value = !opened
    return opened
  })
}

/** Begins a session with a key, which is then forgotten. @throws {ApiError} */
export async function unlock(key: string): Promise<void> {
  await post(key)
  locked.value = false
}

async function post(key?: string): Promise<void> {
  let response: Response
  try {
    response = await fetch('ui/api/session', {
      method: 'POST',
      ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
    })
  } catch {
    throw new ApiError('byok does not answer. Is it still running?', { status: 0, code: 'unreachable' })
  }
  if (!response.ok) throw ApiError.of(response.status, await response.text())
}
