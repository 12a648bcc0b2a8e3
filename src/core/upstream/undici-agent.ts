import type { Agent } from 'undici'
import { ChatError } from '../chat/index.ts'
import { reasonOf } from '../log/fault.ts'

/**
 * undici's agent alone. All of undici, with its own fetch, WebSockets and caches, is a hundred files that take three times as long to load,
 * which the first request would wait for. Its files are no promise of undici's: where a version has moved them, it is loaded as a whole.
 *
 * @throws {ChatError} where neither can be, as in what a bundler makes of undici's `require`.
 */
export async function loadAgent(): Promise<typeof Agent> {
  try {
    return (await import('undici/lib/dispatcher/agent.js')).default
  } catch {
    return await loadWhole()
  }
}

async function loadWhole(): Promise<typeof Agent> {
  try {
    return (await import('undici/index.js')).Agent
  } catch (cause) {
    throw new ChatError(
      `byok's HTTP client cannot be loaded: ${reasonOf(cause)}. A program that byok was bundled into has to leave it a package.`,
      { status: 500, code: 'not_loaded', cause },
    )
  }
}
