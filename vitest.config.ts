import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

/** Where `.ci/run` wants the counts, if it is who asks. */
const report = process.env['TEST_REPORT']

const everything = ['test/**/*.test.ts', 'examples/plugin-template/test/*.test.ts']

/** What takes long, for it starts processes, browsers or hundreds of tests: first, so that the short ones fill what it leaves. */
const long = [
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
      { find: /^byok\/kit$/, replacement: src('kit.ts') },
      { find: /^byok\/testing$/, replacement: src('testing/index.ts') },
      { find: /^byok\/adapters\/(.*)$/, replacement: src('adapters/$1.ts') },
      { find: /^byok\/plugins\/(.*)$/, replacement: src('plugins/$1/index.ts') },
    ],
  },
  test: {
    projects: [
      // They run in the order of their names.
      { extends: true, test: { name: 'long', include: long } },
      {
        extends: true,
        test: {
          name: 'short',
          include: everything,
          // `npm run test:clis` runs `test/clis`.
          exclude: [...configDefaults.exclude, ...long, 'test/clis/**'],
        },
      },
    ],
    // For both: tests of either want the page, or the command, that is built there.
    globalSetup: ['test/helpers/build.ts'],
    setupFiles: ['test/helpers/idle-loop.ts'],
    // One for each core: a third on two wins nothing, for what the tests start takes what they leave.
    maxWorkers: '100%',
    pool: 'forks',
    // Files share the processes of their project: what they import is loaded and compiled once, which else takes longer than most of
    // them. What a test changes of its process, it puts back.
    isolate: false,
    // No test needs this long; a machine with two busy cores may.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
})
