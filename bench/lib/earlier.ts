/** What a byok finds of earlier days when it starts: logins, and records of requests. */
import { openTokenStore } from '../../src/core/store/index.ts'
import { Secret } from '../../src/core/secrets/secret.ts'
import { UsageDatabase } from '../../src/core/usage/database.ts'
import { recordOf } from '../../src/core/usage/record.ts'
import type { UsageRecord } from '../../src/core/usage/record.ts'

/** Logins of the provider that stands for Claude, none of which expires meanwhile. */
export async function storeLogins(path: string, count: number): Promise<void> {
  const store = await openTokenStore({ path, keychain: false })
  for (let number = 0; number < count; number++) {
    await store.put({
      provider: 'claude',
      account: `user-${number}@example.com`,
      kind: 'oauth',
      tokens: { accessToken: new Secret(`bench-${number}`), refreshToken: new Secret(`bench-${number}`) },
      expiresAt: Date.now() + 86_400_000,
      metadata: {},
    })
  }
  await store.close()
}

export async function storeRecords(path: string, count: number): Promise<void> {
  const usage = new UsageDatabase(path)
  await usage.add(Array.from({ length: count }, (_, number) => usageRecord(number)))
  await usage.close()
}

export function usageRecord(number: number): UsageRecord {
  const now = Date.now()
  const record = recordOf({
    id: `req_${number}`,
    method: 'POST',
    path: '/v1/chat/completions',
    startedAt: now,
    protocol: 'openai-chat',
    model: 'claude/bench',
    provider: 'claude',
    account: 'key 1',
    upstreamModel: 'bench',
    status: 200,
    outcome: 'ok',
    stream: true,
    usage: { input: 9, output: 12 },
  })
  if (!record) throw new Error('no record was made')
  return record
}
