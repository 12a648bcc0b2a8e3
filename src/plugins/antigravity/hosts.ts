import { ChatError } from '../../index.ts'
import type { ProviderConfig, UpstreamFetch, UpstreamRequestInit, UpstreamResponse } from '../../index.ts'
import { refusalText } from '../../kit.ts'

/** router-for-me/CLIProxyAPI internal/runtime/executor/antigravity_executor.go, `antigravityBaseURLFallbackOrder`. */
const HOSTS = ['https://daily-cloudcode-pa.googleapis.com', 'https://cloudcode-pa.googleapis.com']

/** The hosts to ask, in their order: the one that config names, or both of Google's. */
export function hostsOf(config: ProviderConfig): string[] {
  return config.oauth_base_url === undefined ? HOSTS : [config.oauth_base_url]
}

/**
 * Asks one host after another, as long as a host itself is at fault: it does not answer, fails, or has no capacity for the model.
 * A spent quota is the account's, whichever host tells it, and is not asked for twice.
 */
export async function askHosts(
  hosts: string[],
  path: string,
  init: UpstreamRequestInit,
  { fetch, signal }: { fetch: UpstreamFetch; signal: AbortSignal },
): Promise<UpstreamResponse> {
  let failure: unknown
  for (const [at, host] of hosts.entries()) {
    const last = at === hosts.length - 1
    try {
      const response = await fetch(`${host}${path}`, init)
      if (last || response.ok) return response
      const kept = await keep(response)
      if (!isHostAtFault(kept.status, kept.said)) return kept.response
    } catch (error) {
      if (last || signal.aborted || !(error instanceof ChatError)) throw error
      failure = error
    }
  }
  throw failure
}

/** An error answer that was read, to be looked at and still be given on. */
async function keep(response: UpstreamResponse): Promise<{ status: number; said: string; response: UpstreamResponse }> {
  const said = await refusalText(response)
  const { status, headers } = response
  return { status, said, response: new Response(said, { status, headers }) }
}

/** gemini-cli packages/core/src/utils/googleQuotaErrors.ts has the reason; CLIProxyAPI's `antigravityShouldRetryNoCapacity` the text. */
function isHostAtFault(status: number, said: string): boolean {
  if (status === 429) return /MODEL_CAPACITY_EXHAUSTED|MODEL_CAPACITY_EXCEEDED/.test(said)
  return status >= 500 || status === 404
}
