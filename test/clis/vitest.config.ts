import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** `npm run test:clis`: the real CLIs, which are too big for every run of `npm test`. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/clis/*.test.ts'],
    globalSetup: ['test/helpers/build.ts', 'test/clis/install.ts'],
    pool: 'forks',
    // Each of them is a heavy process.
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
