/** Builds byok and packs it as it would be published. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param {string} root The repository.
 * @param {string} work Where the tarball goes. One that is there already is taken as it is.
 * @returns What `npm pack --json` tells of the package, and the tarball's `path`.
 */
export function pack(root, work) {
  const told = join(work, 'packed.json')
  if (!existsSync(told)) {
    execFileSync('npm', ['run', 'build', '--silent'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    // Without `prepack`: what a build prints would stand before the JSON.
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', work]
    writeFileSync(
      told,
      execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
    )
  }
  const [packed] = JSON.parse(readFileSync(told, 'utf8'))
  return { ...packed, path: join(work, packed.filename) }
}
