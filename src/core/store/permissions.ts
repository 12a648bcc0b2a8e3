import { chmod, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { codeOf, reasonOf } from '../log/fault.ts'

/** What is told to the person who runs byok, in whole sentences. */
export type OnWarning = (message: string) => void

/** Windows guards files by inherited access lists, which a home directory already sets to its owner. */
const hasModes = process.platform !== 'win32'

/** Takes every right of the group and of others away from those files that exist, with a warning. */
export async function tightenFiles(paths: string[], onWarning: OnWarning): Promise<void> {
  const loose: string[] = []
  for (const path of paths) {
    if (await tighten(path, 0o600, onWarning)) loose.push(path)
  }
  if (loose.length > 0) {
    onWarning(`Other users of this machine could open ${loose.join(', ')}; byok took that right away (mode 0600).`)
  }
}

/**
 * Closes a database's directory to others, with a warning, if it is byok's own: named `.byok`, or with nothing in it but
 * `ownFiles`. Any other directory (`/tmp`, a project) is not byok's to change: it is only warned about, and only when
 * others may replace files in it. The files themselves are 0600 in either case.
 */
export async function tightenDirectory(path: string, ownFiles: string[], onWarning: OnWarning): Promise<void> {
  const { mode } = await stat(path)
  if (!hasModes || (mode & 0o077) === 0) return
  const sticky = (mode & 0o1000) !== 0
  const own = basename(path) === '.byok' || (await readdir(path)).every((name) => ownFiles.includes(name))
  if (own && !sticky) {
    if (await tighten(path, 0o700, onWarning)) {
      onWarning(`Other users of this machine could look into ${path}; byok took that right away (mode 0700).`)
    }
  } else if ((mode & 0o022) !== 0 && !sticky) {
    onWarning(
      `Other users of this machine may replace files in ${path}. Keep byok's database in a directory of its own.`,
    )
  }
}

/** Resolves whether the mode was looser, and is no longer. */
async function tighten(path: string, most: number, onWarning: OnWarning): Promise<boolean> {
  if (!hasModes) return false
  try {
    const mode = (await stat(path)).mode & 0o777
    if ((mode & 0o077) === 0) return false
    await chmod(path, mode & most)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    onWarning(`Other users of this machine may open ${path}, and byok could not change that: ${reasonOf(error)}.`)
    return false
  }
}

/** Makes a file, mode 0600, unless there is one. */
export async function createPrivateFile(path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.close()
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return
  }
  await syncDirectory(dirname(path))
}

/** Makes the names in a directory durable, where the platform can (Windows cannot, and need not). */
export async function syncDirectory(path: string): Promise<void> {
  if (!hasModes) return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } catch (error) {
    // Some network file systems know no fsync of a directory.
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR'].includes(codeOf(error) ?? '')) throw error
  } finally {
    await directory.close()
  }
}
