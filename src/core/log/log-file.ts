import type { Stats } from 'node:fs'
import { appendFile, close, constants, fstat, open } from 'node:fs'
import { chmod, mkdir, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { codeOf, reasonOf } from './fault.ts'
import { underLock } from '../async/under-lock.ts'

/** A file larger than this is put aside as `FILE.1`, in the place of the one before. */
const MOST_BYTES = 16 * 1024 * 1024
/** Lines that wait for a slow disk; those beyond are dropped and counted. */
const MOST_WAITING = 10_000

// Not those of `fs/promises`, whose handles end the process where one is forgotten.
const openFile = promisify(open)
const closeFile = promisify(close)
const append = promisify(appendFile)
const statOf = promisify<number, Stats>(fstat)

/**
 * A file that lines are added to, in order and beside the requests: nothing waits for it, and a full disk stops nothing. Several
 * processes may share it.
 */
export class LogFile {
  readonly #path: string
  readonly #onFault: (fault: string) => void
  #waiting: string[] = []
  #dropped = 0
  #file: { fd: number; dev: number; ino: number } | undefined
  #writing: Promise<void> | undefined
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
    this.#writing ??= this.#writeAll()
  }

  /** Lets no more be written. Resolves once what was is in the file. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#writing
    await this.#release().catch((error: unknown) => this.#onFault(reasonOf(error)))
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting
      this.#waiting = []
      const dropped = this.#dropped
      if (dropped > 0) lines.push(JSON.stringify({ level: 'warn', msg: 'log lines were dropped', count: dropped }))
      let fault: unknown
      try {
        let there = await this.#there()
        if (isFull(there)) {
          // One that cannot be put aside grows on.
          await this.#putAside().catch((error: unknown) => (fault = error))
          there = await this.#there()
        }
        await append(await this.#open(there), lines.map((line) => `${line}\n`).join(''))
        this.#dropped -= dropped
      } catch (error) {
        fault = error
        this.#dropped += lines.length - (dropped > 0 ? 1 : 0)
      }
      if (fault !== undefined && !this.#failed) this.#onFault(reasonOf(fault))
      this.#failed = fault !== undefined
    }
    this.#writing = undefined
  }

  async #putAside(): Promise<void> {
    await underLock(`${this.#path}.lock`, async () => {
      // Another process may have been first, and its new file is not to take the old one's place.
      if (isFull(await this.#there())) await rename(this.#path, `${this.#path}.1`)
    })
  }

  /** @param there what has that name now: another process, or whoever tidies up logs, may have put it in the place of ours */
  async #open(there: Stats | undefined): Promise<number> {
    if (this.#file && there?.ino === this.#file.ino && there.dev === this.#file.dev) return this.#file.fd
    await this.#release()
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    const fd = await (there?.isFIFO() ? openPipe(this.#path) : openToAppend(this.#path))
    const { dev, ino } = await statOf(fd)
    this.#file = { fd, dev, ino }
    // One that was there may be open to others; lines name accounts.
    if (process.platform !== 'win32') await chmod(this.#path, 0o600)
    return fd
  }

  async #there(): Promise<Stats | undefined> {
    try {
      return await stat(this.#path)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  async #release(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    if (file) await closeFile(file.fd)
  }
}

function openToAppend(path: string): Promise<number> {
  return openFile(path, 'a', 0o600)
}

/** Where nobody reads a pipe an open would wait for that, in a thread that the process could not end without; the first of these fails. */
async function openPipe(path: string): Promise<number> {
  const trial = await openFile(path, constants.O_WRONLY | constants.O_NONBLOCK)
  try {
    return await openToAppend(path)
  } finally {
    await closeFile(trial)
  }
}

function isFull(file: Stats | undefined): boolean {
  return file !== undefined && file.size >= MOST_BYTES
}
