import { open, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '../core/log/fault.ts'
import { CommandFailure } from './command.ts'

/** The most that is read back for the last lines. */
const TAIL_BYTES = 4 * 1024 * 1024
const POLL_MS = 200

/** Reads a log file as it grows; one that is put aside for a new one is read to its end first. */
export class LogReader {
  readonly #path: string
  readonly #show: (line: string) => void
  #at = 0
  #inode: number | undefined

  constructor(path: string, show: (line: string) => void) {
    this.#path = path
    this.#show = show
  }

  /** Shows the last lines there are. */
  async last(count: number): Promise<void> {
    const size = await this.#size()
    if (size === undefined) return
    this.#at = Math.max(0, size - TAIL_BYTES)
    const whole = this.#at === 0
    const lines = await this.#read()
    for (const line of (whole ? lines : lines.slice(1)).slice(count === 0 ? lines.length : -count)) this.#show(line)
  }

  /** Shows what is added, until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const size = await this.#size()
      if (size !== undefined && size !== this.#at) for (const line of await this.#read()) this.#show(line)
      await delay(POLL_MS, undefined, { signal }).catch(() => {})
    }
  }

  /** The file's size; `undefined` where there is none. Begins anew with a new file. */
  async #size(): Promise<number | undefined> {
    try {
      const there = await stat(this.#path)
      if (!there.isFile())
        throw new CommandFailure(`${this.#path} is no file. Name another in \`log.file\` of the config.`)
      const { size, ino } = there
      if ((this.#inode !== undefined && ino !== this.#inode) || size < this.#at) {
        if (ino !== this.#inode) for (const line of await this.#read(`${this.#path}.1`)) this.#show(line)
        this.#at = 0
      }
      this.#inode = ino
      return size
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** The whole lines from where it is. */
  async #read(path = this.#path): Promise<string[]> {
    const file = await open(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error
    })
    if (!file) return []
    const chunks: Buffer[] = []
    for await (const chunk of file.createReadStream({ start: this.#at })) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    // Up to the last whole line: a character may be cut too.
    const end = bytes.lastIndexOf(10) + 1
    this.#at += end
    return end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n')
  }
}
