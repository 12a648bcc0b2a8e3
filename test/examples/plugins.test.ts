import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase } from 'db0'
import OpenAI from 'openai'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ChatInput, ExecutorContext, Plugin } from '../../src/index.ts'
import { loadSqlite } from '../../src/core/store/sqlite.ts'
import { budget } from '../../examples/plugins/budget.ts'
import { logToSqlite } from '../../examples/plugins/log-sqlite.ts'
import { mock } from '../../examples/plugins/mock.ts'
import ollama from '../../examples/plugins/ollama.ts'
import { redact } from '../../examples/plugins/redact.ts'
import { semanticCache } from '../../examples/plugins/semantic-cache.ts'
import { startFakeServer } from '../../src/testing/fake-server.ts'
import { createIsolatedByok } from '../helpers/isolated-byok.ts'

async function clientOf(...plugins: Plugin[]) {
  const byok = await createIsolatedByok({
    plugins,
  })
  onTestFinished(() => byok.close())
  const client = new OpenAI({
    baseURL: 'http://localhost/v1',
    apiKey: 'unused',
    maxRetries: 0,
    fetch: (input, init) => byok.fetch(new Request(input, init)),
  })
  async function ask(content: string, stream = false): Promise<string> {
    const request = { model: 'mock-1', messages: [{ role: 'user' as const, content }] }
    if (!stream) return (await client.chat.completions.create(request)).choices[0]?.message.content ?? ''
    const completion = await client.chat.completions.stream(request).finalChatCompletion()
    return completion.choices[0]?.message.content ?? ''
  }
  return { ask, client }
}

describe('the example plugins', () => {
  it('mock: answers whole and streamed', async () => {
    const { ask } = await clientOf(mock())
    expect(await ask('good morning')).toBe('You said: good morning')
    expect(await ask('good evening', true)).toBe('You said: good evening')
  })

  it('redact: no secret reaches the provider', async () => {
    const { ask } = await clientOf(redact(), mock())
    const answer = await ask('Use sk-abcdefghijklmnop1234 with "Authorization: Bearer aaaabbbbccccdddd.eeee", please')
    expect(answer).toBe('You said: Use [redacted] with "Authorization: Bearer [redacted]", please')
  })

  it('redact: no secret reaches the provider in what is no chat', async () => {
    const sent: unknown[] = []
    const embeds = {
      ...mock(),
      endpoints: {
        embeddings: ({ request }: ExecutorContext) => {
          sent.push(request.body['input'])
          return Promise.resolve(Response.json({ object: 'list', model: 'mock-1', data: [] }))
        },
      },
    }
    const { client } = await clientOf(redact(), embeds)
    const key = 'sk-abcdefghijklmnop1234'
    for (const input of [`Use ${key}`, ['Hello', `Use ${key}`]])
      await client.embeddings.create({ model: 'mock-1', input })
    expect(sent).toEqual(['Use [redacted]', ['Hello', 'Use [redacted]']])
  })

  it('budget: refuses what is over it until the day turns', async () => {
    let now = Date.UTC(2026, 0, 1, 23)
    const { ask } = await clientOf(budget({ tokensPerDay: 15, now: () => now }), mock())
    await ask('a long question')
    await expect(ask('another')).rejects.toMatchObject({ status: 429, code: 'budget_spent' })
    const refused = await ask('another').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(OpenAI.APIError)
    expect((refused as InstanceType<typeof OpenAI.APIError>).headers?.get('retry-after')).toBe('3600')
    now += 3_600_000
    expect(await ask('another')).toBe('You said: another')
  })

  it('log-sqlite: a row a request, without its content', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'byok-log-'))
    const database = createDatabase((await loadSqlite()).connector(join(folder, 'requests.db')))
    onTestFinished(async () => {
      await database.dispose()
      await rm(folder, { recursive: true })
    })
    const { ask, client } = await clientOf(await logToSqlite(database), mock())
    await ask('canary')
    await client.models.list()
    await expect(client.chat.completions.create({ model: 'none', messages: [] })).rejects.toThrow()
    const rows = await database.prepare('SELECT * FROM requests ORDER BY started_at, id').all()
    expect(rows).toHaveLength(2)
    expect(rows).toContainEqual(
      expect.objectContaining({ provider: 'mock', model: 'mock-1', outcome: 'ok', input_tokens: 1, output_tokens: 16 }),
    )
    expect(rows).toContainEqual(expect.objectContaining({ model: 'none', outcome: 'error', error: 'model_not_found' }))
    expect(JSON.stringify(rows)).not.toContain('canary')
    // A client may give all requests of a trace one id.
    const traced = { headers: { 'x-request-id': 'trace-1' } }
    const chat = { model: 'mock-1', messages: [{ role: 'user' as const, content: 'Hi' }] }
    for (let times = 0; times < 2; times++) await client.chat.completions.create(chat, traced)
    await client.models.list()
    expect(await database.prepare("SELECT * FROM requests WHERE id = 'trace-1'").all()).toHaveLength(2)
  })

  it('ollama: reads lines of JSON, and names what it cannot say', async () => {
    const fake = await startFakeServer(async ({ path, json }, reply) => {
      if (path !== '/api/chat') return reply.json(404, { error: 'not found' })
      const { messages } = json as { messages: { content: string }[] }
      if (messages.at(-1)?.content === 'gone') return reply.json(404, { error: 'model "m" not found' })
      reply.begin(200, { 'content-type': 'application/x-ndjson' })
      const line = (value: object) => reply.write(`${JSON.stringify({ model: 'm', done: false, ...value })}\n`)
      await line({ message: { role: 'assistant', content: 'Grüß' } })
      if (messages.at(-1)?.content === 'break') await line({ error: 'out of memory' })
      await line({ message: { role: 'assistant', content: ' dich' } })
      if (messages.at(-1)?.content !== 'cut') await line({ done: true, prompt_eval_count: 3, eval_count: 2 })
      reply.end()
    })
    onTestFinished(() => fake.close())
    fake.chunking = { size: 3 }
    const byok = await createIsolatedByok({
      plugins: [ollama],
      providers: { 'ollama-native': { base_url: fake.url, models: ['m'] } },
    })
    onTestFinished(() => byok.close())
    const ask = (content: string, more: Partial<ChatInput> = {}) =>
      byok.chat({ model: 'ollama-native/m', messages: [{ role: 'user', content }], ...more })

    const answer = await ask('Hello', { maxTokens: 9, stop: ['.'] })
    expect(answer.choices[0]).toMatchObject({ content: [{ type: 'text', text: 'Grüß dich' }], finishReason: 'stop' })
    expect(answer.usage).toMatchObject({ input: 3, output: 2 })
    expect(fake.requests[0]?.json).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      options: { num_predict: 9, stop: ['.'] },
    })
    await expect(ask('gone')).rejects.toMatchObject({ status: 404, message: 'Ollama: model "m" not found' })
    await expect(ask('break')).rejects.toMatchObject({ status: 502, message: 'Ollama: out of memory' })
    await expect(ask('cut')).rejects.toMatchObject({ code: 'upstream_stream_cut' })
    await expect(ask('Hello', { tools: [{ type: 'function', name: 'f' }] })).rejects.toThrow(/does not support tools/)
  })

  it('semantic-cache: a question like an answered one is not asked again', async () => {
    let asked = 0
    const { ask } = await clientOf(semanticCache(mock({ answer: () => `answer ${++asked}` }), { threshold: 0.8 }))
    expect(await ask('What is the capital of France?')).toBe('answer 1')
    expect(await ask('what is the capital of france')).toBe('answer 1')
    expect(await ask('How tall is the Eiffel tower?')).toBe('answer 2')
    expect(await ask('What is the capital of France?', true)).toBe('answer 3')
    expect(await ask('The capital of France, what is it?', true)).toBe('answer 3')
  })
})
