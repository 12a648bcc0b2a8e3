/** An abort of one's own that somebody else's ends too. */
export interface LinkedAbort {
  signal: AbortSignal
  abort(reason: unknown): void
  /** Lets go of the other, which may live longer than what is aborted here. */
  unlink(): void
}

/**
 * Aborts when `other` does, or by its own `abort`. What `AbortSignal.any` does, at a fraction of its cost on Node 20, which is the
 * most of a small request's there.
 */
export function linkedAbort(other: AbortSignal): LinkedAbort {
  const own = new AbortController()
  const abort = (reason: unknown) => own.abort(reason)
  const follow = () => abort(other.reason)
  if (other.aborted) follow()
  else other.addEventListener('abort', follow, { once: true })
  return { signal: own.signal, abort, unlink: () => other.removeEventListener('abort', follow) }
}
