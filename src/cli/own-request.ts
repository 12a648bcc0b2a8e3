import type { Byok } from '../core/byok.ts'
import { isObject, parseObject } from '../core/json/json.ts'

/** A request of byok's own commands to itself, in process. */
export function ownRequest({ clients }: Byok, path: string, body?: object, signal?: AbortSignal): Request {
  const headers = new Headers({ 'content-type': 'application/json' })
  if (clients.required) headers.set('authorization', `Bearer ${clients.own().reveal()}`)
  return new Request(`http://localhost${path}`, {
    headers,
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    ...(signal && { signal }),
  })
}

/** What an error answer says, for a person at a terminal. */
export async function messageOf(response: Response): Promise<string> {
  const text = await response.text()
  const error = parseObject(text)?.['error']
  if (isObject(error) && typeof error['message'] === 'string') {
    return error['message'].replace('GET /v1/models lists', '`byok models` lists')
  }
  return `${response.status} ${text.slice(0, 500)}`
}
