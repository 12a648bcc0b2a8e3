import type { RequestInfo } from '../hooks.ts'

/** The headers that say who served a request. */
export const ROUTING_HEADERS = ['x-byok-provider', 'x-byok-account', 'x-byok-attempts'] as const

/** Sets {@link ROUTING_HEADERS}, as far as the request came; on answers and errors alike. */
export function setRoutingHeaders(headers: Headers, { provider, account, attempts }: RequestInfo): void {
  if (attempts === undefined) return
  headers.set('x-byok-attempts', String(attempts))
  if (provider !== undefined) headers.set('x-byok-provider', headerSafe(provider))
  if (account !== undefined) headers.set('x-byok-account', headerSafe(account))
}

/**
 * A label as a header can carry it: what is no plain ASCII is percent-encoded, by way of bytes because half a surrogate
 * pair cannot be.
 */
function headerSafe(label: string): string {
  return /^[\x21-\x7e]+( +[\x21-\x7e]+)*$/.test(label) ? label : encodeURIComponent(Buffer.from(label).toString())
}
