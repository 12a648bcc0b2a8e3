import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'

/**
 * The home directory: the environment's `HOME`, else the one the system knows. Node takes a `HOME` that is set to nothing for the
 * home, and a path below that would begin at the root, or at the current directory.
 */
export function homeFolder(home: string | undefined): string {
  return home || homedir() || userInfo().homedir
}

/** A path whose `~` at the start is the home directory. @param home the environment's `HOME` */
export function expandHome(path: string, home: string | undefined): string {
  return path === '~' || /^~[\\/]/.test(path) ? join(homeFolder(home), path.slice(1)) : path
}
