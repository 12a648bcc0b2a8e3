import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from './store/permissions.ts'

export interface ReplaceOptions {
  /** Default 0600. */
  mode?: number
  /** Done once the new text is on the disk, before it takes the place of the old one. */
  before?(): Promise<void>
}

/** Replaces a file, or makes it, in one step: nobody reads half of it, and a crash leaves the old text or the new one. */
export async function replaceFile(path: string, text: string, { mode, before }: ReplaceOptions = {}): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      if (mode !== undefined) await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await before?.()
    await rename(draft, path)
    await syncDirectory(dirname(path))
  } finally {
    await rm(draft, { force: true })
  }
}
