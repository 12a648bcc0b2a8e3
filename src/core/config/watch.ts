import { unwatchFile, watchFile } from 'node:fs'
import type { StatsListener } from 'node:fs'

export interface WatchOptions {
  /** Milliseconds between two looks at a file. Default 500. */
  interval?: number
  /** Milliseconds of rest after a change, so that several at once are one. Default 100. */
  debounce?: number
  /** Milliseconds until a change that was not believed is. Default 2000. */
  settle?: number
}

/**
 * Watches files that may come and go, and folders that are not there yet: what an editor, a mount or a link does to a file
 * shows in its facts, which notices of the system do not cover everywhere. Does not keep the process alive.
 *
 * @param onChange looks at what the files say. Where it takes that for half a change and says false, it looks once more when there
 * was time for the rest, `settled`.
 * @returns ends the watch
 */
export function watchFiles(
  files: readonly string[],
  onChange: (settled: boolean) => Promise<boolean>,
  options: WatchOptions = {},
): () => void {
  const { interval = 500, debounce = 100, settle = 2000 } = options
  let timer: NodeJS.Timeout | undefined
  const lookIn = (rest: number, settled: boolean) => {
    clearTimeout(timer)
    const look = async () => {
      if (!(await onChange(settled)) && timer === own) lookIn(settle, true)
    }
    const own = setTimeout(() => void look(), rest).unref()
    timer = own
  }
  const listener: StatsListener = (now, before) => {
    // Node tells once of a file that is not there.
    if (now.ino === 0 && before.ino === 0 && now.mtimeMs === before.mtimeMs) return
    lookIn(debounce, false)
  }
  for (const file of files) watchFile(file, { persistent: false, interval }, listener)
  return () => {
    clearTimeout(timer)
    timer = undefined
    for (const file of files) unwatchFile(file, listener)
  }
}
