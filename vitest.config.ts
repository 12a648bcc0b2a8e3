import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

/** Where `.ci/run` wants the counts, if it is who asks. */
const report = process.env['BYOK_TEST_REPORT']

const src = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url))

export default defineConfig({
  resolve: {
    // As tsconfig.json has them: examples import byok by its name.
    alias: [
      { find: /^byok$/, replacement: src('index.ts') },
      { find: /^byok\/testing$/, replacement: src('testing/index.ts') },
      { find: /^byok\/adapters\/(.*)$/, replacement: src('adapters/$1.ts') },
      { find: /^byok\/plugins\/(.*)$/, replacement: src('plugins/$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'examples/plugin-template/test/*.test.ts'],
    // Run by `npm run test:clis`.
    exclude: [...configDefaults.exclude, 'test/clis/**'],
    globalSetup: ['test/helpers/build.ts'],
    // Many tests wait for processes they start, so every core gets a worker.
    maxWorkers: '100%',
    // A process a file: tests start child processes, change the environment and load native modules.
    pool: 'forks',
    // No test needs this long; a machine with two busy cores may.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
})
