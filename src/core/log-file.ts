import { chmodSync, closeSync, fstatSync, openSync, renameSync, write } from 'node:fs'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf } from './fault.ts'

/** A file larger than this is put aside as `FILE.1`, in the place of the one before. */
const MOST_BYTES = 16 * 1024 * 1024
/** Lines that wait for a slow disk; those beyond are dropped and counted. */
const MOST_WAITING = 10_000

/**
 * A file that lines are added to, in order and beside the requests: nothing waits for it, and a full disk stops nothing.
 */
export class LogFile {
  readonly #path: string
  readonly #onFault: (fault: string) => void
  #waiting: string[] = []
  #dropped = 0
  #file: { fd: number; size: number } | undefined
  #writing = false
  #failed = false
  #closed = false

  /** @param onFault told once when the file cannot be written, until it works again */
  constructor(path: string, onFault: (fault: string) => void) {
    this.#path = path
    this.#onFault = onFault
  }

  write(line: string): void {
    if (this.#closed) return
    if (this.#waiting.length >= MOST_WAITING) this.#dropped++
    else this.#waiting.push(line)
    if (!this.#writing) this.#flush()
  }

  /** Lets what is under way end, and no more be written. */
  close(): void {
    this.#closed = true
    if (!this.#writing) this.#release()
  }

  #flush(): void {
    const lines = this.#waiting
    this.#waiting = []
    if (this.#dropped > 0)
      lines.push(JSON.stringify({ level: 'warn', msg: 'log lines were dropped', count: this.#dropped }))
    this.#dropped = 0
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
    let file: { fd: number; size: number }
    try {
      file = this.#open()
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#writing = true
    write(file.fd, bytes, (error, written) => {
      this.#writing = false
      file.size += written
      if (error) this.#fail(error)
      else this.#failed = false
      if (this.#closed) this.#release()
      else if (this.#waiting.length > 0) this.#flush()
    })
  }

  #open(): { fd: number; size: number } {
    if (this.#file && this.#file.size >= MOST_BYTES) {
      this.#release()
      renameSync(this.#path, `${this.#path}.1`)
    }
    if (!this.#file) {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      const fd = openSync(this.#path, 'a', 0o600)
      // One that was there may be open to others; lines name accounts.
      if (process.platform !== 'win32') chmodSync(this.#path, 0o600)
      this.#file = { fd, size: fstatSync(fd).size }
    }
    return this.#file
  }

  #release(): void {
    const file = this.#file
    this.#file = undefined
    if (file) closeSync(file.fd)
  }

  #fail(error: unknown): void {
    if (!this.#failed) this.#onFault(reasonOf(error))
    this.#failed = true
  }
}
