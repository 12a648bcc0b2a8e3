import { defineConfig } from 'tsdown'

export default defineConfig({
  // The files that package.json's `exports` and `bin` name.
  entry: ['src/index.ts', 'src/adapters/*.ts', 'src/plugins/*/index.ts', 'src/testing/index.ts', 'src/cli/main.ts'],
  // `dist` mirrors `src`, so that a stack trace names the same file in both.
  unbundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // `.js` and `.d.ts`: the package is `"type": "module"`.
  fixedExtension: false,
  sourcemap: true,
  dts: true,
})
