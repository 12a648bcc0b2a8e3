/**
 * The byok of the soak: listening, watching its config file, with a provider whose logins expire within seconds. Its driver asks it
 * over IPC what it holds. Arguments: CONFIG FOLDER VENDOR
 */
import { join } from 'node:path'
import { createByok, definePlugin, openaiChat, Secret, tokenOf } from 'byok'
import { listen } from 'byok/adapters/listen'
import { ACCOUNTS, isTokens, LIFE_SECONDS } from './vendor.ts'

/** What byok holds, after a garbage collection. */
export interface Holdings {
  /** Bytes. */
  heap: number
  /** Bytes. */
  resident: number
  /** How many of each kind of handle keep the event loop going: sockets, timers, files. */
  handles: Record<string, number>
}

const [config = '', folder = '', vendor = ''] = process.argv.slice(2)

async function refresh(refreshToken: string) {
  const response = await fetch(`${vendor}/token`, { method: 'POST', body: refreshToken })
  const answer: unknown = await response.json()
  if (!isTokens(answer)) throw new Error('The vendor gave no tokens.')
  return {
    tokens: { accessToken: new Secret(answer.access), refreshToken: new Secret(answer.refresh) },
    expiresAt: Date.now() + LIFE_SECONDS * 1000,
  }
}

const soak = definePlugin({
  name: 'soak',
  title: 'Soak',
  models: ['words'],
  auth: [
    {
      kind: 'oauth',
      label: 'login',
      login: () => Promise.reject(new Error('nobody signs in here')),
      refresh: ({ account }) => refresh(account.tokens.refreshToken?.reveal() ?? ''),
    },
  ],
  translator: openaiChat({ provider: 'Soak' }),
  executor: ({ request, credential, fetch }) =>
    fetch(`${vendor}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf(credential).reveal()}` },
      body: JSON.stringify(request.body),
    }),
})

const byok = await createByok({
  configFiles: false,
  configFile: config,
  watch: true,
  env: {},
  plugins: [soak],
  db: join(folder, 'tokens.db'),
})
for (let number = 0; number < ACCOUNTS; number++) {
  await byok.store.put({
    provider: 'soak',
    account: `account-${number}`,
    kind: 'oauth',
    ...(await refresh(`first-${number}`)),
    metadata: {},
  })
}
const { url } = await listen(byok, { port: 0, host: '127.0.0.1' })

process.on('message', () => {
  globalThis.gc?.()
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1
  const { heapUsed, rss } = process.memoryUsage()
  process.send?.({ heap: heapUsed, resident: rss, handles } satisfies Holdings)
})
process.send?.({ url })
