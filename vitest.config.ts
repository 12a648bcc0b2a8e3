import { defineConfig } from 'vitest/config'

/** Where `.ci/run` wants the counts, if it is who asks. */
const report = process.env['BYOK_TEST_REPORT']

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/build.ts'],
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
