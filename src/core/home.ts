import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from './config/problem.ts'

/**
 * The home directory: the environment's `HOME`, else the one the system knows. Node takes a `HOME` that is set to nothing for the
 * home, and a path below that would begin at the root, or at the current directory.
 *
 * @param known what the system knows; for tests
 * @throws {ConfigError} where there is neither, as for a user of a container's that has a number alone.
 */
export function homeFolder(home: string | undefined, known = () => homedir() || userInfo().homedir): string {
  try {
    return home || known()
  } catch {
    const message = 'is not set, and the system knows no home of this user. Set it to a folder that is to hold `.byok`'
    throw new ConfigError([{ source: 'HOME', key: '', message }])
  }
}

/** A path whose `~` at the start is the home directory. @param home the environment's `HOME` */
export function expandHome(path: string, home: string | undefined): string {
  return path === '~' || /^~[\\/]/.test(path) ? join(homeFolder(home), path.slice(1)) : path
}
