import { describe, expect, it, onTestFinished } from 'vitest'
import { startFakeServer } from '../../src/testing/fake-server.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'
import { line } from './login-support.ts'

async function configured() {
  const upstream = await startOpenAIChat()
  onTestFinished(() => upstream.close())
  return {
    server: { keys: ['client-key'] },
    models: { fast: 'here/gpt-4o-mini' },
    providers: { here: { type: 'openai-compatible', api_key: 'sk-test', base_url: upstream.url } },
  }
}

describe('byok models', () => {
  it('lists what the provider offers now, for programs', async () => {
    const run = await line(['models', '--json'], { config: await configured() }, ['sk-test', 'client-key'])
    expect(await run.exited).toBe(0)
    const models = JSON.parse(run.stdout()) as { id: string; owned_by: string }[]
    expect(models.map(({ id }) => id)).toEqual(['fast', 'gpt-4o', 'gpt-4o-mini', 'o3', 'o4-mini'])
    expect(models.every(({ owned_by: owner }) => owner === 'here')).toBe(true)
  })

  it('shows people a table of those they look for', async () => {
    const run = await line(['models', 'MINI'], { config: await configured() })
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toMatch(/│ Model +│ Provider │/)
    expect(run.stdout()).toMatch(/│ gpt-4o-mini +│ here +│/)
    expect(run.stdout()).not.toContain('│ o3 ')
  })

  it('says why a provider that offers nothing else could not be asked', async () => {
    const config = await configured()
    const providers = { ...config.providers, away: { type: 'openai-compatible', base_url: 'http://127.0.0.1:1/v1' } }
    const both = await line(['models'], { config: { ...config, providers } })
    expect([await both.exited, both.stdout()]).toEqual([0, expect.stringContaining('│ o3 ')])
    const why = /^No model of away can be listed: away cannot be reached \(ECONNREFUSED\)\./
    expect(both.stderr()).toMatch(why)
    const one = await line(['models', '--provider', 'away'], { config: { providers } })
    expect([await one.exited, one.stdout(), one.stderr()]).toEqual([1, '', expect.stringMatching(why)])
  })

  it.each([
    [404, '404 page not found', 'odd: 404 page not found. Check providers.odd.base_url.'],
    [
      200,
      // LM Studio's of any path that it does not have: lmstudio-ai/lmstudio-bug-tracker issue 618.
      { error: 'Unexpected endpoint or method. (GET /models)' },
      "Unexpected endpoint or method. (GET /models). Check the provider's `base_url`, which ends in /v1 for most servers.",
    ],
    [200, { models: [] }, 'data: Invalid input: expected array, received undefined'],
  ])('says in words what a server answers in place of a list: %i %j', async (status, answer, why) => {
    const server = await startFakeServer((_request, reply) => reply.json(status, answer))
    onTestFinished(() => server.close())
    const config = { providers: { odd: { type: 'openai-compatible', base_url: server.url } } }
    const run = await line(['models', '--provider', 'odd'], { config })
    expect([await run.exited, run.stderr().trim()]).toEqual([1, `No model of odd can be listed: ${why}`])
  })

  it('lists by its prefix what another provider has by the same name', async () => {
    const { providers } = await configured()
    const config = { providers: { ...providers, second: { ...providers.here, models: ['gpt-4-mini'] } } }
    const run = await line(['models', '--json', '--provider', 'second', 'mini'], { config })
    const models = JSON.parse(run.stdout()) as { id: string }[]
    expect(models.map(({ id }) => id)).toEqual(['gpt-4-mini', 'second/gpt-4o-mini', 'second/o4-mini'])
  })

  it('says what to do where there is none', async () => {
    const run = await line(['models'], { config: {} })
    expect(await run.exited).toBe(0)
    expect(run.stdout()).toContain('byok login')
    const none = await line(['models', '--provider', 'gemini'], { config: await configured() })
    expect(await none.exited).toBe(0)
    expect(none.stdout()).toMatch(/^No model of gemini can be used: /)
    const { providers, ...config } = await configured()
    const off = { ...config, providers: { ...providers, codex: { api_key: 'sk-test', enabled: false } } }
    const disabled = await line(['models', '--provider', 'codex'], { config: off })
    expect(disabled.stdout()).toBe('No model of codex can be used: it is disabled, by providers.codex.enabled.\n')
    const wrong = await line(['models', '--provider', 'nobody'], { config: {} })
    expect(await wrong.exited).toBe(2)
    expect(wrong.stderr()).toContain('There are ')
    const near = await line(['models', '--provider', 'cluade'], { config: {} })
    expect([await near.exited, near.stderr()]).toEqual([2, expect.stringContaining('Did you mean claude?')])
  })
})
