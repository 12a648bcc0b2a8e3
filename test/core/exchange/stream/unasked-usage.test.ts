import OpenAI from 'openai'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { UsageStrip } from '../../../../src/core/exchange/stream/unasked-usage.ts'
import type { RequestInfo } from '../../../../src/core/hooks.ts'
import { openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'
import { startFakeServer } from '../../../../src/testing/fake-server.ts'
import { ask, keysOf, startAccounts, startByok } from '../support.ts'

const unasked = openaiChatProtocol.unaskedUsage ?? expect.fail('OpenAI’s streams have to be asked')

describe('what byok asks for itself is taken out of a stream', () => {
  const chunk = (choices: object[], usage: object | null = null) => `data: ${JSON.stringify({ choices, usage })}`
  const kept = [chunk([{ delta: { content: '[] "usage" Grüße' } }]), 'data: {"choices":[],"prompt_filter_results":[]}']
  const usage = chunk([], { prompt_tokens: 1, completion_tokens: 2 })

  it.each([
    ['\n\n', 'data: [DONE]\n\n'],
    ['\r\n\r\n', 'data: [DONE]\r\n\r\n'],
    ['\n\r\n', 'data: [DONE]\n\r\n'],
    ['\n\n', 'data: [DONE]'],
  ])('wherever its bytes are cut (%j, %j)', (gap, done) => {
    const messages = (all: string[]) => all.map((message) => message + gap).join('') + done
    const bytes = Buffer.from(messages([...kept, usage]))
    for (let size = 1; size <= bytes.byteLength; size++) {
      const strip = new UsageStrip(unasked)
      let text = Buffer.alloc(0)
      for (let at = 0; at < bytes.byteLength; at += size) {
        text = Buffer.concat([text, strip.push(bytes.subarray(at, at + size))])
      }
      expect(Buffer.concat([text, strip.end()]).toString()).toBe(messages(kept))
    }
  })

  it('and only that, where many of one piece look like it', () => {
    const strip = new UsageStrip(unasked)
    const messages = [usage, ...kept, usage, usage, ...kept, kept[0] ?? ''].map((message) => `${message}\n\n`)
    expect(Buffer.from(strip.push(Buffer.from(messages.join('')))).toString()).toBe(
      messages.filter((message) => !message.startsWith(usage)).join(''),
    )
  })

  it('and a long message is not held back to its end', () => {
    const strip = new UsageStrip(unasked)
    const long = Buffer.from(`data: {"choices":[{"delta":{"content":"${'x'.repeat(100_000)}`)
    expect(strip.push(long).byteLength).toBe(long.byteLength)
    expect(strip.atBoundary).toBe(false)
    expect(strip.push(Buffer.from('"}}]}\n\n')).byteLength).toBe(7)
    expect(strip.atBoundary).toBe(true)
  })
})

describe('usage is known', () => {
  const seen = (infos: RequestInfo[]) => ({ response: ({ info }: { info: RequestInfo }) => void infos.push(info) })

  it('of a stream whose client asks for none, and does not see it', async () => {
    const accounts = await startAccounts('a')
    const infos: RequestInfo[] = []
    const byok = await startByok({ providers: { codex: { api_keys: keysOf(accounts) } }, hooks: seen(infos) })
    accounts['a']?.say({ steps: [{ text: ['Hel', 'lo'] }], usage: { input: 9, output: 4, cachedInput: 3 } })
    const client = new OpenAI({
      apiKey: 'none',
      baseURL: 'http://localhost/v1',
      fetch: (url, init) => byok.fetch(new Request(url, init)),
    })
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    const stream = await client.chat.completions.create({ model: 'codex/gpt-4o', stream: true, messages })
    let text = ''
    for await (const { choices, usage } of stream) {
      expect(choices).toHaveLength(1)
      expect(usage ?? null).toBeNull()
      text += choices[0]?.delta.content ?? ''
    }
    expect(text).toBe('Hello')
    expect(accounts['a']?.requests[0]?.json).toMatchObject({ stream_options: { include_usage: true } })
    expect(infos[0]).toMatchObject({ passthrough: true, usage: { input: 9, output: 4, cachedInput: 3 } })
  })

  it('and a refusal that breaks off before its end is the refusal that it is', async () => {
    const said = '{"error":{"message":"The prompt is too long'
    const server = await startFakeServer(async (_, reply) => {
      reply.begin(400, { 'content-type': 'application/json', 'content-length': '500' })
      await reply.write(said)
      reply.cut()
    })
    onTestFinished(() => server.close())
    const byok = await startByok({
      providers: { local: { type: 'openai-compatible', api_key: 'sk-test', base_url: server.url, models: ['m'] } },
    })
    const { status, json } = await ask(byok, { model: 'local/m', stream: true })
    expect([status, json.error?.type, json.error?.message]).toEqual([400, 'invalid_request_error', `local: ${said}`])
  })

  it('only where the server can be asked: one that refuses is asked without, and not again', async () => {
    const server = await startFakeServer(async (request, reply) => {
      const { stream_options: options } = request.json as { stream_options?: unknown }
      if (options !== undefined)
        return reply.json(422, { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] })
      reply.begin(200, { 'content-type': 'text/event-stream' })
      await reply.write(
        'data: {"id":"1","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      )
      reply.end()
    })
    onTestFinished(() => server.close())
    const byok = await startByok({ providers: { old: { type: 'openai-compatible', base_url: server.url } } })
    for (const asked of [2, 3]) {
      const { status, text } = await ask(byok, { model: 'old/m', stream: true })
      expect([status, text]).toEqual([200, expect.stringContaining('"Hi"')])
      expect(server.requests).toHaveLength(asked)
    }
    // What the client asks itself, it is told about.
    expect(await ask(byok, { model: 'old/m', stream: true, stream_options: { include_usage: true } })).toMatchObject({
      status: 422,
    })
  })

  it('of a stream of Anthropic’s whose end leaves out the tokens of the prompt', async () => {
    const server = await startFakeServer(async (_request, reply) => {
      const event = (type: string, more: object) =>
        reply.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`)
      reply.begin(200, { 'content-type': 'text/event-stream' })
      const usage = { input_tokens: 25, cache_read_input_tokens: 5, output_tokens: 1 }
      await event('message_start', {
        message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], model: 'm', usage },
      })
      await event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
      await event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello' } })
      await event('content_block_stop', { index: 0 })
      await event('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 15 },
      })
      await event('message_stop', {})
      reply.end()
    })
    onTestFinished(() => server.close())
    const infos: RequestInfo[] = []
    const byok = await startByok({
      providers: { claude: { api_key: 'sk-ant-test', base_url: server.url } },
      hooks: seen(infos),
    })
    const body = {
      model: 'claude/claude-sonnet-4-5',
      max_tokens: 10,
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    }
    const request = new Request('http://localhost/v1/messages', { method: 'POST', body: JSON.stringify(body) })
    expect(await (await byok.fetch(request)).text()).toContain('Hello')
    await vi.waitFor(() => expect(infos).toHaveLength(1))
    expect(infos[0]).toMatchObject({ passthrough: true, usage: { input: 30, output: 15, cachedInput: 5 } })
  })
})
