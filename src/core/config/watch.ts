import { unwatchFile, watchFile } from 'node:fs'
import type { StatsListener } from 'node:fs'

export interface WatchOptions {
  /** Milliseconds between two looks at a file. Default 500. */
  interval?: number
  /** Milliseconds of rest after a change, so that several at once are one. Default 100. */
  debounce?: number
}

/**
 * Watches files that may come and go, and folders that are not there yet: what an editor, a mount or a link does to a file
 * shows in its facts, which notices of the system do not cover everywhere. Does not keep the process alive.
 *
 * @returns ends the watch
 */
export function watchFiles(files: readonly string[], onChange: () => void, options: WatchOptions = {}): () => void {
  const { interval = 500, debounce = 100 } = options
  let timer: NodeJS.Timeout | undefined
  const listener: StatsListener = (now, before) => {
    // Node tells once of a file that is not there.
    if (now.ino === 0 && before.ino === 0 && now.mtimeMs === before.mtimeMs) return
    clearTimeout(timer)
    timer = setTimeout(onChange, debounce).unref()
  }
  for (const file of files) watchFile(file, { persistent: false, interval }, listener)
  return () => {
    clearTimeout(timer)
    for (const file of files) unwatchFile(file, listener)
  }
}
