/**
 * How long `import { createByok } from 'byok'` and `byok --version` take, beside an empty Node program; medians over fresh
 * processes. Usage: `npm run build && node bench/import.js [RUNS]`
 */
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = resolve(import.meta.dirname, '..')
const runs = Number(process.argv[2] ?? 15)
const library = pathToFileURL(resolve(root, 'dist/index.js')).href
const timed = `const start = performance.now(); await import(${JSON.stringify(library)}); console.log(performance.now() - start)`
const evaluate = (code) => execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
const measure = (once) => median(Array.from({ length: runs }, once))
const wall = (work) => () => {
  const start = performance.now()
  work()
  return performance.now() - start
}

const show = (what, milliseconds) => console.log(`${what.padEnd(34)} ${milliseconds.toFixed(1)} ms`)
show('node, empty program', measure(wall(() => evaluate(''))))
show(
  "import { createByok } from 'byok'",
  measure(() => Number(evaluate(timed))),
)
show(
  'byok --version, whole process',
  measure(wall(() => execFileSync(process.execPath, [resolve(root, 'dist/cli/main.js'), '--version']))),
)
