import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { codeOf, reasonOf } from '../log/fault.ts'
import type { Logger } from '../log/log.ts'
import { makeFileOnce } from '../store/new-file.ts'

const BYTES = 32

/**
 * The key that signs sessions of browsers, from a file of its owner's alone, which is made where there is none. Of several processes
 * that try at once, one makes it. Where it can be neither read nor made, sessions are good at this process alone, until it ends.
 *
 * @param path `undefined` where there is no folder for it
 */
export function readSessionKey(path: string | undefined, logger: Pick<Logger, 'warn'>): Buffer {
  const made = randomBytes(BYTES)
  if (path === undefined) return made
  try {
    const found = read(path)
    if (found) return found
    makeFileOnce(path, `${made.toString('base64url')}\n`)
    const kept = read(path)
    if (kept) return kept
    throw new Error('it does not hold a key')
  } catch (error) {
    logger.warn('sessions of the page at /ui end with this process, for their key cannot be kept', {
      path,
      fault: reasonOf(error),
    })
    return made
  }
}

/** `undefined` where there is no file, or none of byok's. */
function read(path: string): Buffer | undefined {
  try {
    const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64url')
    return key.length === BYTES ? key : undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
