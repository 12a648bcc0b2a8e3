import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '../log/fault.ts'

/**
 * Makes a file, mode 0600, its directory too, unless there is one. Where several processes try at once, one makes it: the file
 * appears whole or not at all, and never takes another's place. Synchronous, for it is small and made once in a home's life.
 */
export function makeFileOnce(path: string, text: string): void {
  const draft = `${path}.${randomUUID()}.tmp`
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    publish(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Gives the draft its name unless that is taken. */
function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    // exFAT, some network shares and Android have no hard links.
    try {
      copyFileSync(draft, path, constants.COPYFILE_EXCL)
    } catch (copyError) {
      if (codeOf(copyError) !== 'EEXIST') throw copyError
    }
  }
}
