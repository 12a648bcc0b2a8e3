import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

/** Where `.ci/run` wants the counts, if it is who asks. */
const report = process.env['TEST_REPORT']

const everything = ['test/**/*.test.ts', 'examples/plugin-template/test/*.test.ts']

/**
 * Tests that start processes, or change the environment or the globals of their own: each file has a process to itself. Those that
 * only run commands by `commandLine`, which puts back what it changes, need none.
 */
const apart = [
  'test/{examples,faults,ui}/**/*.test.ts',
  'test/cli/!(config|import|json-answers|models|run-main).test.ts',
  'test/adapters/adapters.test.ts',
  'test/conformance/{openai-chat,providers}.test.ts',
  'test/core/auth/refresh-crash.test.ts',
  'test/core/cache/servers.test.ts',
  'test/core/exchange/simulation.test.ts',
  'test/core/store/*.test.ts',
  'test/core/two-copies.test.ts',
]

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
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: apart,
        },
      },
      // The others share one process for each core: what they import is loaded and compiled once, which else takes longer than
      // most of them. Projects run in the order of their names, so these short ones come last and fill what the long ones leave.
      {
        extends: true,
        test: {
          name: 'together',
          include: everything,
          // `npm run test:clis` runs `test/clis`.
          exclude: [...configDefaults.exclude, ...apart, 'test/clis/**'],
          isolate: false,
        },
      },
    ],
    // For both: tests of either want the page, or the command, that is built there.
    globalSetup: ['test/helpers/build.ts'],
    setupFiles: ['test/helpers/idle-loop.ts'],
    // Many tests wait for processes they start, so every core gets a worker.
    maxWorkers: '100%',
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
