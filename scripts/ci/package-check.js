/**
 * Holds the packed package to what publint and are-the-types-wrong know of good packages, and prints its size.
 *
 * Usage: node package-check.js WORK_FOLDER
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { pack } from './pack.js'

const root = resolve(import.meta.dirname, '../..')
const packed = pack(root, resolve(process.argv[2] ?? '.'))
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
if (messages.length > 0 || types > 0) process.exitCode = 1
else console.log('publint and are-the-types-wrong found nothing')
