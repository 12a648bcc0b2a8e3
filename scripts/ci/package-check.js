/**
 * Holds the packed package to what publint and are-the-types-wrong know of good packages, its types to be whole by themselves, and its
 * command and its first request to load little; and prints its size.
 *
 * Usage: node package-check.js WORK_FOLDER
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { install, pack } from './pack.js'

const root = resolve(import.meta.dirname, '../..')
const work = resolve(process.argv[2] ?? '.')
const packed = pack(root, work)
const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`
const code = packed.files.filter(({ path }) => path.endsWith('.js')).reduce((sum, { size }) => sum + size, 0)
console.log(
  `${packed.filename}: ${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked, ${kilobytes(code)} of it code`,
)

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const tar = new Uint8Array(readFileSync(packed.path)).buffer
const { messages } = await publint({ strict: true, pack: { tarball: tar } })
for (const message of messages) console.log(`publint: ${formatMessage(message, manifest)}`)

// `esm-only`: byok has no CommonJS half, and needs none since Node 20.19 can `require` ES modules.
const attw = join(root, 'node_modules/.bin/attw')
let types = 0
try {
  execFileSync(attw, [packed.path, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'], { encoding: 'utf8' })
} catch (error) {
  types = 1
  console.log(error.stdout)
}

/*
 * A program that has byok and nothing else knows all of byok's types: what cannot be found is `any` without a word, or an error where
 * declarations are checked too. `ESNext`, because h3's know `Error.isError`.
 */
const project = install(root, work)
writeFileSync(
  join(project, 'types.ts'),
  `import { createByok } from 'byok'
import type { Plugin } from 'byok'
import { listen } from 'byok/adapters/listen'
import { upgradeHandler } from 'byok/adapters/node'
import claude from 'byok/plugins/claude'
const configFile = process.env['BYOK_CONFIG']
const byok = await createByok({ plugins: [claude satisfies Plugin], configFile, store: undefined })
const model = byok.languageModel('x')
// @ts-expect-error it is no \`any\`
model.anything
// @ts-expect-error nor is this
byok.embeddingModel('x').anything
const id: string = model.modelId
await byok.chat({ model: id, messages: [{ role: 'user', content: 'x' }], tools: undefined }, { signal: undefined })
await listen(byok, { port: undefined, https: undefined })
upgradeHandler(byok, { prefix: undefined })
const options: Parameters<typeof model.doGenerate>[0] = { prompt: [] }
// @ts-expect-error nor a schema in one
options.tools = [{ type: 'function', name: 'one', inputSchema: { type: 'anything' } }]
export { id, options }
`,
)
const settings = {
  target: 'ESNext',
  module: 'NodeNext',
  strict: true,
  noEmit: true,
  typeRoots: [join(root, 'node_modules/@types')],
  types: ['node'],
}
// h3's declarations are not whole where `undefined` is no value of an optional property; byok's take it as one.
const strictest = { exactOptionalPropertyTypes: true, skipLibCheck: true }
let whole = true
for (const own of [{ skipLibCheck: false }, strictest]) {
  const compilerOptions = { ...settings, ...own }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }))
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', project], { encoding: 'utf8' })
  } catch (error) {
    whole = false
    console.log(error.stdout)
  }
}

/*
 * What each run of the command reads before it knows what is asked for, even `byok --version`. One import of the library there, be it for
 * a line, took longer than all of Node's own start.
 */
const MOST_AT_START = 50_000
const dist = join(project, 'node_modules/byok/dist')
const atStart = sizeWithImports(join(dist, 'cli/main.js'))
console.log(`byok --version reads ${kilobytes(atStart)}`)
const slow = atStart > MOST_AT_START
if (slow) console.log(`That is more than ${kilobytes(MOST_AT_START)}: see the groups of tsdown.config.ts`)

/*
 * What the first request to a provider waits for: of undici's hundred files an agent's are a quarter, and proxies alone need all
 * (`src/core/upstream/undici-agent.ts`).
 */
const heavy = readdirSync(dist)
  .filter((file) => file.endsWith('.js') && !file.startsWith('proxies-'))
  .filter((file) => /^import [^;]*"undici(\/index\.js)?"/m.test(readFileSync(join(dist, file), 'utf8')))
if (heavy.length > 0) console.log(`All of undici is loaded by ${heavy.join(' and ')}`)

// Where a bundler makes one file of a program, as for Cloudflare's workers, that has no URL, and this throws before anything runs.
const rooted = readdirSync(dist)
  .filter((file) => file.endsWith('.js'))
  .filter((file) => readFileSync(join(dist, file), 'utf8').includes('createRequire(import.meta.url)'))
if (rooted.length > 0)
  console.log(`\`import.meta.url\` is needed by ${rooted.join(' and ')}: see the plugins of tsdown.config.ts`)

/** The bytes of a built file and of all that it imports from the start. */
function sizeWithImports(path, seen = new Set()) {
  if (seen.has(path)) return 0
  seen.add(path)
  const text = readFileSync(path, 'utf8')
  const imports = [...text.matchAll(/^import (?:[^'"]* from )?"(\.[^"]+)"/gm)]
  return imports.reduce((sum, [, to]) => sum + sizeWithImports(resolve(dirname(path), to), seen), text.length)
}

if (messages.length > 0 || types > 0 || !whole || slow || heavy.length > 0 || rooted.length > 0) process.exitCode = 1
else console.log('publint and are-the-types-wrong found nothing, and the types are whole')
