import { expect, it, onTestFinished } from 'vitest'
import { apiKey, definePlugin, openaiChat } from '../../src/index.ts'
import type { ProviderPlugin } from '../../src/index.ts'
import { cases, conformance } from '../../src/testing/index.ts'
import type { ConformanceOptions } from '../../src/testing/index.ts'
import { startOpenAIChat } from '../upstreams/openai-chat.ts'

/* The suite as an author of a plugin runs it: what is wrong must show. */

function acme(change: (body: Record<string, unknown>) => Record<string, unknown> = (body) => body): ProviderPlugin {
  return definePlugin({
    name: 'acme',
    models: ['acme-large'],
    auth: [apiKey()],
    translator: openaiChat({ format: 'acme', provider: 'Acme', refuses: ['json_schema'] }),
    executor: async ({ request, credential, config, fetch }) =>
      await fetch(`${config.base_url}/chat/completions`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${credential.kind === 'api_key' ? credential.key.reveal() : ''}`,
        },
        body: JSON.stringify(change(request.body)),
      }),
  })
}

function cellsOf(id: string, more: Partial<ConformanceOptions> = {}) {
  const { tests, close } = conformance({
    plugin: acme(),
    model: 'acme-large',
    start: () => startOpenAIChat(),
    settings: ({ url }) => ({ api_key: 'sk-test', base_url: url }),
    cases: cases.filter((known) => known.id === id),
    ...more,
  })
  onTestFinished(close)
  return tests
}

it('passes what works, whole and streamed', async () => {
  const tests = cellsOf('tool-call')
  expect(tests.map(({ name }) => name)).toEqual(['tool-call, whole', 'tool-call, streamed'])
  for (const { run } of tests) expect(await run()).toEqual({ works: true })
})

it('fails what is lost on the way', async () => {
  const plugin = acme(({ stop: _, ...body }) => body)
  for (const { run } of cellsOf('stop', { plugin })) await expect(run()).rejects.toThrow(/was not sent "HALTWORD"/)
})

it('takes a refusal that was announced, and gives its words', async () => {
  for (const { run } of cellsOf('json-schema', { unsupported: { 'json-schema': /json_schema/ } })) {
    expect(await run()).toEqual({ works: false, refusal: expect.stringContaining('Acme does not support') as string })
  }
})

it('fails a refusal that was not announced, or not in those words', async () => {
  for (const { run } of cellsOf('json-schema')) await expect(run()).rejects.toThrow(/does not support/)
  const unsupported = { 'json-schema': /stop sequences/ }
  for (const { run } of cellsOf('json-schema', { unsupported })) await expect(run()).rejects.toThrow(/did not match/)
})

it('fails what was announced and works', async () => {
  for (const { run } of cellsOf('stop', { unsupported: { stop: /stop/ } })) await expect(run()).rejects.toThrow(/works/)
})

it('fails for a case there is not', () => {
  expect(() => cellsOf('text', { unsupported: { txet: /text/ } })).toThrow(/no case "txet"/)
})
