import { describe, expect, it, onTestFinished } from 'vitest'
import { estimateText } from '../../../src/core/tokens/estimate.ts'
import type { Byok, ByokOptions, RequestInfo } from '../../../src/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { startByok } from './support.ts'

const PROMPT = 'Tell me of the sea, and of what lives in it. '.repeat(40)
const SAID = Array.from({ length: 2000 }, (_, at) => ` word${at}`)
const IN = estimateText(PROMPT)
const OUT = estimateText(SAID.join(''))

/** A server with OpenAI's chats that counts no tokens, or says of all of them that they are none. */
async function start(usage: object | undefined, options: ByokOptions = {}): Promise<[Byok, RequestInfo[]]> {
  const server = await startFakeServer(async ({ json, path }, reply) => {
    const id = { id: 'c-1', created: 1, model: 'm', ...(usage && { usage }) }
    if (path.endsWith('/embeddings')) {
      return reply.json(200, { ...id, object: 'list', data: [{ object: 'embedding', index: 0, embedding: [1] }] })
    }
    const old = path.endsWith('/completions') && !path.endsWith('/chat/completions')
    const text = SAID.join('')
    const choice = {
      index: 0,
      finish_reason: 'stop',
      ...(old ? { text } : { message: { role: 'assistant', content: text } }),
    }
    if ((json as { stream?: boolean }).stream !== true) return reply.json(200, { ...id, choices: [choice] })
    reply.begin(200, { 'content-type': 'text/event-stream' })
    for (const content of SAID) {
      await reply.write(`data: ${JSON.stringify({ ...id, choices: [{ index: 0, delta: { content } }] })}\n\n`)
    }
    await reply.write(
      `data: ${JSON.stringify({ ...id, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`,
    )
    reply.end()
  })
  onTestFinished(() => server.close())
  const infos: RequestInfo[] = []
  const byok = await startByok({
    ...options,
    providers: { local: { type: 'openai-compatible', base_url: server.url, models: ['m'] } },
    hooks: { response: ({ info }) => void infos.push(info) },
  })
  return [byok, infos]
}

const messages = [{ role: 'user', content: PROMPT }]
const ask = (byok: Byok, path: string, body: object) =>
  byok.fetch(
    new Request(`http://localhost${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer bounded' },
      body: JSON.stringify({ model: 'local/m', max_tokens: 9, ...body }),
    }),
  )

const ZEROS = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

describe.each([
  ['nothing', undefined],
  ['zeros', ZEROS],
])('where a provider tells %s of its usage', (_, usage) => {
  it.each([
    ['/v1/chat/completions', false, true],
    ['/v1/chat/completions', true, true],
    ['/v1/messages', false, false],
    ['/v1/messages', true, false],
  ])('an answer is counted by an estimate (%s, stream: %s)', async (path, stream, passthrough) => {
    const [byok, infos] = await start(usage)
    const response = await ask(byok, path, { messages, stream })
    expect(await response.text()).not.toContain('estimated')
    const [info] = infos
    expect(info).toMatchObject({ outcome: 'ok', usage: { estimated: true } })
    expect(info?.passthrough === true).toBe(passthrough)
    expect(info?.usage?.input).toBeGreaterThanOrEqual(IN)
    expect(info?.usage?.output).toBeGreaterThan(OUT * 0.7)
    expect(info?.usage?.output).toBeLessThan(OUT * 1.4)
  })

  it('so are one of a program, of the old completions, and vectors', async () => {
    const [byok, infos] = await start(usage)
    await byok.chat({ model: 'local/m', messages: [{ role: 'user', content: PROMPT }] })
    let said = ''
    for await (const event of byok.stream({ model: 'local/m', messages: [{ role: 'user', content: PROMPT }] }))
      said += event.type === 'text' ? event.text : ''
    expect(said).toBe(SAID.join(''))
    await (await ask(byok, '/v1/completions', { prompt: PROMPT })).text()
    for (const { usage } of infos) {
      expect(usage?.estimated).toBe(true)
      expect(usage?.input).toBeGreaterThanOrEqual(IN)
      expect(usage?.output).toBe(OUT)
    }
    await (await ask(byok, '/v1/embeddings', { input: PROMPT })).text()
    expect(infos).toHaveLength(4)
    expect(infos[3]?.usage?.input).toBeGreaterThanOrEqual(IN)
  })
})

it('a stream of a program that is left is counted too', async () => {
  const [byok, infos] = await start(undefined)
  for await (const { type } of byok.stream({ model: 'local/m', messages: [{ role: 'user', content: PROMPT }] })) {
    if (type === 'text') break
  }
  expect(infos[0]).toMatchObject({ outcome: 'aborted', usage: { estimated: true } })
})

it.each([false, true])('a budget holds all the same (stream: %s)', async (stream) => {
  const keys = [{ key: 'bounded', label: 'bounded', budget: { tokens_per_day: Math.round(IN + OUT / 2) } }]
  const [byok] = await start(undefined, { server: { keys } })
  expect(await (await ask(byok, '/v1/chat/completions', { messages, stream })).text()).toContain('word1999')
  const refused = await ask(byok, '/v1/chat/completions', { messages, stream })
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('budget_exceeded')])
})

it('what a server counts below zero is none: neither metrics nor budgets take it', async () => {
  const usage = { prompt_tokens: 7, completion_tokens: -3, prompt_tokens_details: { cached_tokens: -1 } }
  const [byok, infos] = await start(usage, { metrics: { enabled: true } })
  await (await ask(byok, '/v1/chat/completions', { messages })).text()
  expect(infos[0]?.usage).toMatchObject({ input: 7, output: 0, cachedInput: 0 })
  const metrics = await byok.fetch(new Request('http://localhost/metrics'))
  expect(await metrics.text()).toMatch(/type="input"\} 7\n/)
})
