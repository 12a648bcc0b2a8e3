import { join } from 'node:path'
import { expect } from 'vitest'
import { listen } from '../../src/adapters/listen.ts'
import { Secret } from '../../src/core/secrets/secret.ts'
import { openTokenStore } from '../../src/core/store/index.ts'
import { definePlugin, openaiChat } from '../../src/index.ts'
import { codexLogin } from '../../src/plugins/codex/auth.ts'
import { startFakeServer } from '../../src/testing/fake-server.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'
import { startCodexTokens } from '../upstreams/auth/vendors.ts'
import { askFor, isHonest, startVendor, whole } from './faults.ts'

/** byok stops while an authorization server takes its time, and starts again. */
export async function restartDuringRefresh(folder: string): Promise<void> {
  const server = await startCodexTokens('strict')
  const { vendor, provider, close } = await startVendor()
  vendor.handle = (response, request) => {
    const token = request.headers.authorization?.replace('Bearer ', '')
    if (server.knows(token)) whole(response, request)
    else response.writeHead(401).end()
  }
  // Stands before the authorization server, and holds what comes until told.
  const [asked, opened] = [makeGate(), makeGate()]
  const gate = await startFakeServer(async ({ text }, reply) => {
    asked.open()
    await opened.passed
    const answer = await fetch(server.tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    })
    reply.json(answer.status, await answer.json())
  })
  const db = join(folder, 'tokens.db')
  const acme = definePlugin({
    name: 'local',
    models: ['m'],
    auth: [codexLogin],
    translator: openaiChat(),
    executor: ({ fetch, credential }) =>
      fetch(provider.base_url, {
        headers: { authorization: `Bearer ${credential?.kind === 'oauth' ? credential.accessToken.reveal() : ''}` },
      }),
  })
  const start = async () => {
    const providers = { local: { oauth: { token_url: gate.url } } }
    const byok = await createIsolatedByok({ plugins: [acme], providers, store: undefined, db })
    return { byok, listening: await listen(byok, { port: 0 }) }
  }
  try {
    const { accessToken, refreshToken } = server.grant()
    const store = await openTokenStore({ path: db, keychain: false })
    const tokens = { accessToken: new Secret(accessToken), refreshToken: new Secret(refreshToken) }
    await store.put({ provider: 'local', account: 'ann', kind: 'oauth', tokens, expiresAt: Date.now() - 60_000 })
    await store.close()
    server.revoke(accessToken)

    const first = await start()
    const asking = askFor(first.listening.url)
    await asked.passed
    await first.listening.close(0)
    const refused = await asking
    expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: 'shutting_down' } }])
    const closed = first.byok.close()
    opened.open()
    await closed
    const second = await start()
    const answer = await askFor(second.listening.url)
    expect(isHonest({ status: answer.status, text: await answer.text() }, 'data: [DONE]')).toBe('whole')
    expect(server.refreshes()).toBe(1)
    await second.listening.close(0)
    await second.byok.close()
  } finally {
    await gate.close()
    await server.close()
    await close()
  }
}

function makeGate() {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}
