/**
 * byok as a module that exports `fetch`, the form that `bun run`, `deno serve` and Cloudflare-style workers take. It reads no
 * file and no environment: settings and logins are given. Run: `npx srvx examples/worker.ts`, `bun run examples/worker.ts`, …
 */
import { createByok, createMemoryTokenStore } from 'byok'
import type { Byok } from 'byok'
import { toWebHandler } from 'byok/adapters/web'

interface Env {
  OPENAI_API_KEY?: string
  /** Where OpenAI is, for a gateway before it. */
  OPENAI_BASE_URL?: string
}

let started: Promise<Byok> | undefined

/** Made by the first request: only then a worker knows its settings. */
function start(env: Env): Promise<Byok> {
  return createByok({
    configFiles: false,
    env: {},
    // Logins that should outlast the worker need a store of its platform's: any object that is a TokenStore.
    store: createMemoryTokenStore(),
    log: { level: 'warn' },
    providers: { codex: { api_key: env.OPENAI_API_KEY, base_url: env.OPENAI_BASE_URL } },
  })
}

export default {
  async fetch(request: Request, env?: Env): Promise<Response> {
    // Workers are handed their settings; Bun and Deno have them in the environment.
    const byok = await (started ??= start(env?.OPENAI_API_KEY ? env : process.env))
    return await toWebHandler(byok, { prefix: '/ai' })(request)
  },
}
