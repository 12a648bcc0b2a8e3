/** An abort of one's own that others end too. */
export interface LinkedAbort {
  signal: AbortSignal
  abort(reason: unknown): void
  /** Lets go of the others: some live longer than what is aborted here. */
  unlink(): void
}

/**
 * Aborts when one of `others` does, or by its own `abort`. What `AbortSignal.any` does, at a fraction of its cost on Node 20,
 * which is the most of a small request's there.
 */
export function linkedAbort(others: readonly AbortSignal[]): LinkedAbort {
  const own = new AbortController()
  const links = others.map((other) => ({ other, follow: () => own.abort(other.reason) }))
  for (const { other, follow } of links) {
    if (other.aborted) follow()
    else other.addEventListener('abort', follow, { once: true })
  }
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    unlink() {
      for (const { other, follow } of links) other.removeEventListener('abort', follow)
    },
  }
}
