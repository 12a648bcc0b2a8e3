import { createByok, createMemoryTokenStore } from '../../src/index.ts'
import type { Byok, ByokOptions } from '../../src/index.ts'

/** A byok that reads nothing of this machine, keeps nothing and says nothing, but for what a test asks. */
export function createIsolatedByok(options: ByokOptions = {}): Promise<Byok> {
  return createByok({
    configFiles: false,
    env: {},
    store: createMemoryTokenStore(),
    log: { level: 'silent' },
    ...options,
  })
}
