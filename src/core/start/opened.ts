/** A part of byok that holds something open: files, connections, timers. */
interface Part {
  close(): void | Promise<void>
}

/** What is open of a byok. */
export class Opened {
  watcher?: { close(): void }
  modelLists?: Part
  auth?: Part
  upstream?: Part
  usage?: Part
  observers?: Part
  router?: Part
  cache?: Part
  store?: Part
  logger?: Part

  /**
   * Closes all of it, each before what it needs: a refresh under way still has to be answered and stored, and requests that the
   * upstream ends are still counted.
   *
   * @throws what the first part threw that could not be closed; the others are closed none the less.
   */
  async close(): Promise<void> {
    const { watcher, modelLists, auth, upstream, usage, observers, router, cache, store, logger } = this
    const faults: unknown[] = []
    for (const part of [watcher, modelLists, auth, upstream, usage, observers, router, cache, store, logger]) {
      try {
        await part?.close()
      } catch (error) {
        faults.push(error)
      }
    }
    if (faults.length > 0) throw faults[0]
  }
}
