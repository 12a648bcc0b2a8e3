/*
 * Standard error, a line at a time. Lines of one turn of the event loop leave together: to write each by itself was a twentieth of a
 * small request, and a slow reader held up each of them.
 */

let waiting = ''
let flushesAtExit = false

/** @param now whether it must not be lost where the process ends abruptly */
export function writeErrorLine(line: string, now: boolean): void {
  if (!flushesAtExit) {
    process.on('exit', flushErrorLines)
    flushesAtExit = true
  }
  if (waiting === '' && !now) setImmediate(flushErrorLines)
  waiting += `${line}\n`
  if (now) flushErrorLines()
}

/** Writes what waits. */
export function flushErrorLines(): void {
  const lines = waiting
  waiting = ''
  if (lines !== '') process.stderr.write(lines)
}
