/**
 * What `look` finds, looked for once in a turn of the event loop: the requests that come together share it, and none of them sees
 * less than what was there when it came.
 */
export function oncePerTurn<T>(look: () => T): () => T {
  let found: { value: T } | undefined
  return () => {
    if (!found) {
      found = { value: look() }
      setImmediate(() => (found = undefined))
    }
    return found.value
  }
}
