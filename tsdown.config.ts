import { readdirSync } from 'node:fs'
import { esmExternalRequirePlugin } from 'rolldown/plugins'
import { defineConfig } from 'tsdown'

/** Packages whose code comes inside. */
const INSIDE = [
  '@fastify/busboy',
  'citty',
  'cockatiel',
  'eventsource-parser',
  'fastest-levenshtein',
  'get-port-please',
  'ms',
  'tinyqueue',
  'yaml',
  'zod',
]
/**
 * Packages of whose types those that byok's name come inside, and none of their code: a program can read byok's types without the
 * package, and without what that names in turn.
 */
const TYPES_INSIDE = ['@ai-sdk/provider', 'json-schema', 'db0', 'unstorage']
/** All of them, by their folders in node_modules; each has its licence beside byok's files. */
const ALL_INSIDE = [...INSIDE, '@ai-sdk/provider', '@types/json-schema', 'db0', 'unstorage']

export default defineConfig({
  // The files that package.json's `exports` and `bin` name.
  entry: [
    'src/index.ts',
    'src/kit.ts',
    'src/adapters/*.ts',
    'src/plugins/*/index.ts',
    'src/testing/index.ts',
    'src/cli/main.ts',
  ],
  // Few files start fast. zod's code comes inside, because half of what it loads otherwise is its messages in other
  // languages; its types stay its own, because plugins give byok schemas that they made with theirs. cockatiel is thirty files, of
  // which a rare retry needs a few, and yaml is forty; the others are small, and looking for one takes as long as it runs.
  deps: {
    alwaysBundle: (id, importer) => (/\.d\.m?ts$/.test(importer ?? '') ? TYPES_INSIDE : INSIDE).includes(id),
    onlyBundle: ALL_INSIDE,
  },
  copy: ALL_INSIDE.map((name) => ({
    from: `node_modules/${name}/${licenceOf(name)}`,
    rename: `LICENSE-${name.replace(/^@/, '').replace('/', '-')}`,
  })),
  // What the CommonJS among it requires of Node's, it imports: `createRequire(import.meta.url)` in place of that throws where a bundler
  // makes one file of a program, which has no URL on Cloudflare's workers.
  plugins: [esmExternalRequirePlugin({ external: [/^node:/, 'buffer', 'process'] })],
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // `.js` and `.d.ts`: the package is `"type": "module"`.
  fixedExtension: false,
  sourcemap: true,
  outputOptions: {
    sourcemapExcludeSources: true,
    // What is loaded together is one file, each group with all that it imports and no group before it has. `byok --version`
    // needs no more than the first, and who imports byok no more than the second until they make one.
    codeSplitting: {
      groups: [
        { name: 'base', test: /src.core.(log.color|log.fault|version)\.ts$/, priority: 2 },
        { name: 'library', test: /src.index\.ts$/, priority: 1 },
        { name: 'core', test: /src.(builtins|core.byok)\.ts$/ },
      ],
    },
  },
  // tsc finds types in `@types` too.
  dts: { resolver: 'tsc' },
})

function licenceOf(name: string): string {
  const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry))
  if (file === undefined) throw new Error(`${name} has no file of its licence`)
  return file
}
