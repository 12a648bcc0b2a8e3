/**
 * Packs byok, installs the tarball in an empty project, and uses it there as a user would: the library, the adapters, the
 * plugins, the types, and the `byok` command.
 *
 * Usage: node smoke.js WORK_FOLDER
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { install, pack } from './pack.js'

const root = resolve(import.meta.dirname, '../..')
const shared = resolve(process.argv[2] ?? '.')
const work = mkdtempSync(join(shared, 'smoke-'))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const env = { ...process.env, HOME: work, BYOK_DB: join(work, 'tokens.db') }
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

const packed = pack(root, shared)
console.log(`packed ${packed.filename}: ${packed.size} bytes, ${packed.entryCount} files`)
for (const name of [
  'dist/index.js',
  'dist/index.d.ts',
  'dist/cli/main.js',
  'dist/ui/index.html',
  'README.md',
  'LICENSE-MIT',
  'LICENSE-APACHE',
]) {
  if (!packed.files.some(({ path }) => path === name)) throw new Error(`the package lacks ${name}`)
}

const project = install(root, shared)

const plugins = readdirSync(join(root, 'src/plugins'))
const specifiers = Object.keys(manifest.exports).filter((path) => path !== './package.json' && !path.includes('*'))
writeFileSync(
  join(project, 'use.js'),
  `import { createByok } from 'byok'
for (const name of ['listen', 'node', 'middleware', 'web', 'fastify', 'koa', 'hono']) await import('byok/adapters/' + name)
for (const name of ${JSON.stringify(plugins)}) {
  const { default: plugin } = await import('byok/plugins/' + name)
  if (plugin.name !== name) throw new Error(name)
}
for (const path of ${JSON.stringify(specifiers)}) await import(path.replace(/^\\./, 'byok'))
const byok = await createByok({ providers: { codex: { api_key: 'unused', base_url: 'http://127.0.0.1:9/v1' } } })
const response = await byok.fetch(new Request('http://localhost/v1/models'))
const { data } = await response.json()
if (!data.some(({ id }) => id === 'gpt-4o')) throw new Error('no models')
await byok.close()
`,
)
run(process.execPath, ['use.js'], project)
console.log('imported as a library')

const byok = join(project, 'node_modules/.bin/byok')
const version = run(byok, ['--version'], project).trim()
if (version !== manifest.version) throw new Error(`byok --version says ${version}`)
const child = spawn(byok, ['serve', '-p', '0'], { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] })
const exited = new Promise((done) => child.once('exit', (code) => done(code)))
let output = ''
for await (const chunk of child.stdout.setEncoding('utf8')) {
  output += chunk
  const [, url] = /is ready at (http:\S+)\/v1/.exec(output) ?? []
  if (!url) continue
  const health = await (await fetch(`${url}/health`)).json()
  if (health.status !== 'ok') throw new Error(JSON.stringify(health))
  const page = await (await fetch(`${url}/ui`)).text()
  for (const [, path] of page.matchAll(/ (?:src|href)="(ui\/[^"]+)"/g)) {
    const file = await fetch(`${url}/${path}`)
    if (!file.ok || (await file.text()).length < 1000) throw new Error(`the page lacks ${path}`)
    output += `${path}\n`
  }
  if (!/^ui\/app\.js$/m.test(output)) throw new Error(`there is no page at ${url}/ui`)
  child.kill('SIGTERM')
  break
}
const code = await exited
if (code !== 0) throw new Error(`byok serve ended with ${code}:\n${output}`)
console.log('ran the command')
