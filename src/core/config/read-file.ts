import { constants } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '../log/fault.ts'

/** Milliseconds that a pipe is waited for. */
export interface Patience {
  /** While no program has it open to write to it. */
  nobody: number
  /** While one has and says nothing: it may ask a person for a password. */
  silent: number
}

const PATIENCE: Patience = { nobody: 2000, silent: 60_000 }

/** Between two looks into a pipe. */
const POLL_MS = 10

/** A pipe that gives no config. */
export class SilentPipe extends Error {
  override readonly name = 'SilentPipe'
}

/**
 * The text of a config file. It may be a pipe, as in `-c <(sops -d byok.yaml)`, which can be read once.
 * @throws {SilentPipe} where it says nothing, lest that be taken for an empty config, which has no client keys.
 */
export async function readConfigFile(path: string, patience = PATIENCE): Promise<string> {
  if (!(await stat(path)).isFIFO()) return await readFile(path, 'utf8')
  // Else the open waits for a program that writes, in a thread that the process could not end without.
  const pipe = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return await readPipe(pipe, patience)
  } finally {
    await pipe.close()
  }
}

async function readPipe(pipe: FileHandle, { nobody, silent }: Patience): Promise<string> {
  const pieces: Buffer[] = []
  const buffer = Buffer.alloc(64 * 1024)
  let since = performance.now()
  for (;;) {
    const length = await bytesRead(pipe, buffer)
    if (length === 0 && pieces.length > 0) return Buffer.concat(pieces).toString()
    if (length) {
      pieces.push(Buffer.from(buffer.subarray(0, length)))
      since = performance.now()
    } else if (performance.now() - since >= (length === 0 ? nobody : silent)) {
      throw new SilentPipe('no config comes out of this pipe. Name a file, or have a program write to it at each start')
    } else await delay(POLL_MS)
  }
}

/** 0 where no program has the pipe open, undefined where one has and nothing is there yet. */
async function bytesRead(pipe: FileHandle, buffer: Buffer): Promise<number | undefined> {
  try {
    return (await pipe.read(buffer, 0, buffer.length)).bytesRead
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return undefined
    throw error
  }
}
