import type { H3Event } from 'h3'

/** What hosts cut off the paths of requests before byok was given them, by the requests: Node's own where there is one. */
const bases = new WeakMap<object, string>()

/** Notes that a request came to byok by a longer path, such as one below `/ai`. */
export function noteBase(request: object, base: string): void {
  if (base !== '') bases.set(request, base)
}

/** Where byok's paths begin for who sent a request, such as `http://localhost:3000/ai`. */
export function baseUrlOf({ req, runtime, url }: Pick<H3Event, 'req' | 'runtime' | 'url'>): string {
  const node = runtime?.node?.req
  return `${url.origin}${bases.get(req) ?? (node && bases.get(node)) ?? ''}`
}
