/** Builds byok, packs it as it would be published, and installs that in an empty project. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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

/**
 * An empty project with byok in it, one for all who ask with the same folder: native code is compiled where it is installed.
 *
 * @param {string} root The repository.
 * @param {string} work Where the project goes, in a folder of its own.
 * @param {string[]} [more] Further packages, each with its version.
 */
export function install(root, work, more = []) {
  const project = join(work, 'project')
  const fresh = !existsSync(project)
  const wanted = fresh ? [pack(root, work).path, ...more] : more
  if (fresh) {
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))
  }
  if (wanted.length > 0) {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel', 'error', ...wanted], {
      cwd: project,
      env: { ...process.env, npm_config_better_sqlite3_local_prebuilds: compiled(root, work) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  return project
}

/**
 * SQLite as the repository has it compiled, packed as prebuild-install looks for it before it asks the network and a compiler
 * (its `util.js`, `localPrebuild`): to compile it anew takes half a minute. Of another version it is not taken.
 *
 * @returns The folder.
 */
function compiled(root, work) {
  const folder = join(work, 'prebuilds')
  const from = join(root, 'node_modules/better-sqlite3')
  const binary = 'build/Release/better_sqlite3.node'
  if (existsSync(folder) || !existsSync(join(from, binary))) return folder
  mkdirSync(folder)
  const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  const target = `node-v${process.versions.modules}-${process.platform}-${process.arch}`
  execFileSync('tar', ['-czf', join(folder, `better-sqlite3-v${version}-${target}.tar.gz`), binary], { cwd: from })
  return folder
}
