/**
 * Builds the page at `/ui` from `src/ui/`: one script, one style sheet and the HTML that names them, with all they need inside.
 *
 * Usage: npm run build:ui -- [FOLDER]   default: dist/ui
 */
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The packages whose code comes inside, and so their licences beside it. */
const inside = { preact: 'preact', signals: '@preact/signals', 'eventsource-parser': 'eventsource-parser' }

/** Some tenths of a second. */
export async function buildUi(folder = join(root, 'dist/ui')): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { app: 'src/ui/main.tsx', 'app.css': 'src/ui/styles/index.css' },
    bundle: true,
    minify: true,
    write: false,
    outdir: folder,
    format: 'esm',
    platform: 'browser',
    // Those that know `light-dark()`, two years old and younger.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    tsconfig: 'src/ui/tsconfig.json',
    legalComments: 'none',
    logLevel: 'warning',
  })
  mkdirSync(folder, { recursive: true })
  // Each in one step: a byok that runs may be reading them.
  const put = (name: string, write: (draft: string) => void) => {
    const draft = join(folder, `${name}.${process.pid}.tmp`)
    try {
      write(draft)
      renameSync(draft, join(folder, name))
    } finally {
      rmSync(draft, { force: true })
    }
  }
  for (const { path, contents } of outputFiles) {
    put(path.endsWith('.js') ? 'app.js' : 'app.css', (draft) => writeFileSync(draft, contents))
  }
  put('index.html', (draft) => copyFileSync(join(root, 'src/ui/index.html'), draft))
  for (const [name, folderOf] of Object.entries(inside)) {
    put(`LICENSE-${name}`, (draft) => copyFileSync(join(root, 'node_modules', folderOf, 'LICENSE'), draft))
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildUi(process.argv[2] === undefined ? undefined : resolve(process.argv[2]))
}
