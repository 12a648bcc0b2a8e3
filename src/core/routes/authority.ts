/**
 * Notes as `Host` where a request of HTTP/2 goes, which browsers name there as `:authority` alone: what guards byok looks for the one, and
 * web requests have no header of the other's name.
 *
 * @param authority what Node's own request says of it; none where that is of HTTP/1, or there is none
 */
export function nameHost(request: Pick<Request, 'headers'>, authority: unknown): void {
  if (typeof authority === 'string' && !request.headers.has('host')) request.headers.set('host', authority)
}
