import { codeOf } from '../core/log/fault.ts'

/**
 * Lets whoever reads what a command says go away, as `head` does once it has its lines: what is said after that nobody hears.
 *
 * @param outlives whether the command is of use without anybody to read it, as a server is. Others end where their answer is not
 * wanted, without a word.
 */
export function allowGoneReaders(outlives: boolean): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      // A server that cannot tell what it does, as on a full disk, still does it.
      if (outlives && stream === process.stderr) return
      if (codeOf(error) !== 'EPIPE') throw error
      if (!outlives && stream === process.stdout) process.exit()
    })
  }
}
