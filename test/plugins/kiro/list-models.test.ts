import { describe, expect, it } from 'vitest'
import type { Credential } from '../../../src/core/auth/credential.ts'
import type { ProviderConfig } from '../../../src/core/config/schema.ts'
import type { UpstreamFetch } from '../../../src/core/upstream/fetch.ts'
import { listModels } from '../../../src/plugins/kiro/list-models.ts'
import { at, fakeKiro, key, login, plainFetch, settings } from './support.ts'

function list(credential: Credential, config: ProviderConfig, fetch: UpstreamFetch = plainFetch()) {
  return listModels({ provider: 'kiro', credential, config, signal: new AbortController().signal, fetch })
}

describe('the list of models', () => {
  it.each([
    ['a login', login()],
    ['a key', key],
  ])('has all pages, for %s', async (_name, credential) => {
    const fake = await fakeKiro({ models: ['auto', 'claude-opus-4.6'] })
    const limits = { contextWindow: 1_000_000, maxOutputTokens: 64_000 }
    expect(await list(credential, at(fake))).toEqual([
      { id: 'kiro-default', ...limits, capabilities: { tools: true, vision: true } },
      { id: 'claude-opus-4.6', ...limits, capabilities: { tools: true, vision: true, reasoning: true } },
    ])
    expect(fake.requests).toHaveLength(2)
  })

  it('comes from the account’s region', async () => {
    const urls: string[] = []
    const fetch: UpstreamFetch = async (url) => {
      urls.push(String(url))
      return Response.json({ models: [{ modelId: 'a' }, { modelId: 1 }, null], nextToken: null })
    }
    const models = await list(login({ region: 'eu-central-1' }), settings(), fetch)
    expect(models).toEqual([{ id: 'a', capabilities: { tools: true } }])
    expect(urls).toEqual(['https://management.eu-central-1.kiro.dev/'])
  })

  it('is none where Kiro refuses, or sends something else', async () => {
    const fake = await fakeKiro()
    await expect(list(login({}), at(fake))).rejects.toThrow('status 400')
    const fetch: UpstreamFetch = async () => Response.json({ error: 1 })
    await expect(list(key, settings(), fetch)).rejects.toMatchObject({ code: 'upstream_bad_answer' })
  })

  it('ends, even if Kiro’s pages do not', async () => {
    let pages = 0
    const fetch: UpstreamFetch = async () => Response.json({ models: [{ modelId: `m${++pages}` }], nextToken: 'more' })
    expect(await list(key, settings(), fetch)).toHaveLength(10)
  })
})
