import { createByok, createMemoryTokenStore } from 'byok'
import { conformance } from 'byok/testing'
import { afterAll, describe, expect, it, test } from 'vitest'
import acme from '../src/index.ts'
import { startFakeAcme } from './fake-acme.ts'

/** What every provider of byok's own is held to, asked through the unmodified `openai` client. */
describe('conformance', () => {
  const { tests, close } = conformance({
    plugin: acme,
    model: 'acme-large',
    start: () => startFakeAcme(),
    settings: (fake) => ({ api_key: 'test-key', base_url: fake.url }),
  })
  afterAll(close)
  for (const { name, run } of tests) test(name, run)
})

describe('what is Acme’s own', () => {
  it('sends the organization where config names one', async () => {
    const fake = await startFakeAcme()
    const byok = await createByok({
      plugins: [acme],
      configFiles: false,
      env: {},
      store: createMemoryTokenStore(),
      log: { level: 'silent' },
      providers: { acme: { api_key: 'test-key', base_url: fake.url, organization: 'org-1' } },
    })
    await byok.chat({ model: 'small', messages: [{ role: 'user', content: 'Hello' }] })
    expect(fake.requests[0]?.json).toMatchObject({ model: 'acme-small' })
    expect(fake.requests[0]?.headers['acme-organization']).toBe('org-1')
    await byok.close()
    await fake.close()
  })
})
