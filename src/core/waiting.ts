/** The time was up first. */
export const LATE = Symbol('late')

/** What `work` gives, if that is within so many milliseconds; it goes on beyond them. */
export async function within<T>(work: PromiseLike<T>, milliseconds: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, milliseconds, LATE)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * What `work` gives, unless one of the signals is aborted first.
 * @throws the reason of the first that is.
 */
export async function orAborted<T>(work: PromiseLike<T>, signals: readonly AbortSignal[]): Promise<T> {
  let stop: (event: Event) => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = ({ target }) => reject((target as AbortSignal).reason as Error)
    for (const signal of signals) signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', stop)
  }
}
