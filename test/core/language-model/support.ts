import type { Byok, ByokOptions } from '../../../src/index.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

/** A byok in front of fake vendors, which asks each once and has none of them rest. */
export function byokBefore(providers: ByokOptions['providers']): Promise<Byok> {
  return createIsolatedByok({
    upstream: { retries: 0 },
    routing: { min_cooldown: 0, max_cooldown: 0 },
    providers,
  })
}
