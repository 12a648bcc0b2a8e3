import type { Agent } from 'undici'

/**
 * undici's agent alone. All of undici, with its own fetch, WebSockets and caches, is a hundred files that take three times as long to load,
 * which the first request would wait for. Its files are no promise of undici's: where a version has moved them, it is loaded as a whole.
 */
export async function loadAgent(): Promise<typeof Agent> {
  try {
    return (await import('undici/lib/dispatcher/agent.js')).default
  } catch {
    return (await import('undici/index.js')).Agent
  }
}
