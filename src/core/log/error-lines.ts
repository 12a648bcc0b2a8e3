import { isWorker } from '../runtime.ts'

/*
 * Standard error, a line at a time. Lines of one turn of the event loop leave together: to write each by itself was a twentieth of a
 * small request, and a slow reader held up each of them.
 */

/** Lines beyond so many characters leave at once, should the turn never end. */
const MOST_WAITING = 64 * 1024

let waiting = ''
let watches = false
/** Whether nothing comes after. Workers end a request's turn without what was to come after it. */
let atOnce = isWorker()

/** @param now whether it must not be lost where the process ends abruptly, as by a signal that nobody handles */
export function writeErrorLine(line: string, now: boolean): void {
  if (!watches && !atOnce) {
    process.on('exit', () => {
      atOnce = true
      flushErrorLines()
    })
    watches = true
  }
  if (waiting === '' && !now && !atOnce) setImmediate(flushErrorLines)
  waiting += `${line}\n`
  if (now || atOnce || waiting.length > MOST_WAITING) flushErrorLines()
}

/** Writes what waits. */
export function flushErrorLines(): void {
  const lines = waiting
  waiting = ''
  if (lines !== '') process.stderr.write(lines)
}
