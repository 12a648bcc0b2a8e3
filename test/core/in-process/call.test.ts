import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ChatError, definePlugin } from '../../../src/index.ts'
import type { Byok, ChatEvent, ChatInput, RequestInfo } from '../../../src/index.ts'
import type { FakeProvider } from '../../../src/testing/index.ts'
import { startAnthropic } from '../../upstreams/anthropic.ts'
import { startOpenAIChat } from '../../upstreams/openai-chat.ts'
import { createIsolatedByok } from '../../helpers/isolated-byok.ts'

const hello: ChatInput = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] }

let first: FakeProvider
let second: FakeProvider
let claude: FakeProvider
let byok: Byok
const seen: RequestInfo[] = []
let onChat: (text: string) => void = () => {}
let onSettled = (_info: RequestInfo) => {}

beforeAll(async () => {
  ;[first, second, claude] = await Promise.all([startOpenAIChat(), startOpenAIChat(), startAnthropic()])
  byok = await createIsolatedByok({
    upstream: { retries: 0 },
    routing: { min_cooldown: 0, max_cooldown: 0, sticky: false },
    providers: {
      claude: { api_key: 'sk-ant-test', base_url: claude.url },
      codex: {
        api_keys: [
          { key: 'sk-test', label: 'first', base_url: first.url, priority: 1 },
          { key: 'sk-test', label: 'second', base_url: second.url },
        ],
      },
    },
    plugins: [
      definePlugin({
        name: 'spy',
        hooks: {
          chat({ chat: { messages } }) {
            const [part] = messages.at(-1)?.content ?? []
            if (part?.type !== 'text') return
            onChat(part.text)
            part.text = part.text.replace('secret', '[redacted]')
          },
          response({ info }) {
            seen.push({ ...info })
            onSettled(info)
          },
        },
      }),
    ],
  })
})
afterEach(() => {
  seen.length = 0
  onChat = () => {}
})
afterAll(async () => {
  await byok.close()
  await Promise.all([first.close(), second.close(), claude.close()])
})

/** What the first was asked but for its models, which byok asks for when it likes. */
const asked = () => first.requests.filter(({ method }) => method === 'POST')

const settled = () => new Promise<RequestInfo>((resolve) => (onSettled = resolve))

async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const textOf = (events: ChatEvent[]) => events.map((event) => (event.type === 'text' ? event.text : '')).join('')

describe('byok.chat', () => {
  it('answers in the neutral model, through the hooks, and is counted', async () => {
    first.say({ steps: [{ text: 'Hello' }], usage: { input: 5, output: 2 } })
    const input: ChatInput = { model: 'codex/gpt-4o', messages: [{ role: 'user', content: 'a secret' }] }
    let info: RequestInfo | undefined
    const over = settled()
    const answer = await byok.chat(input, { onInfo: (told) => (info = { ...told }) })
    expect(answer.choices).toMatchObject([{ content: [{ type: 'text', text: 'Hello' }], finishReason: 'stop' }])
    expect(answer.usage).toMatchObject({ input: 5, output: 2 })
    expect(info).toMatchObject({ provider: 'codex', account: 'first', attempts: 1, upstreamModel: 'gpt-4o' })
    expect(await over).toMatchObject({ outcome: 'ok', protocol: 'in-process', usage: { input: 5, output: 2 } })
    // A hook changed what was sent, not what the program holds.
    expect(asked().at(-1)?.json).toMatchObject({ messages: [{ content: 'a [redacted]' }] })
    expect(input.messages).toEqual([{ role: 'user', content: 'a secret' }])
  })

  it('takes images, tools and their results to another wire', async () => {
    claude.say({ steps: [{ toolCall: { id: 'toolu_2', name: 'look', arguments: '{"at":"sky"}' } }] })
    const { choices } = await byok.chat({
      model: 'claude/claude-sonnet-4-5',
      maxTokens: 100,
      tools: [{ type: 'function', name: 'look', parameters: { type: 'object', properties: {} } }],
      messages: [
        { role: 'system', content: 'Look.' },
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } }],
        },
        {
          role: 'assistant',
          content: [{ type: 'tool-call', id: 'toolu_1', name: 'look', kind: 'function', arguments: '{}' }],
        },
        { role: 'tool', toolCallId: 'toolu_1', content: 'blue' },
      ],
    })
    expect(choices[0]).toMatchObject({
      content: [{ type: 'tool-call', id: 'toolu_2', name: 'look', arguments: '{"at":"sky"}' }],
      finishReason: 'tool_calls',
    })
  })

  it('fails over, and fails as ChatErrors', async () => {
    let over = settled()
    first.fail({ kind: 'rate_limit', retryAfter: 0 })
    second.say({ steps: [{ text: 'from the second' }] })
    const { choices } = await byok.chat(hello)
    expect(choices[0]?.content).toMatchObject([{ text: 'from the second' }])
    await over

    over = settled()
    const failure = await byok.chat({ ...hello, model: 'gpt-4q' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ChatError)
    expect(failure).toMatchObject({ status: 404, code: 'model_not_found' })
    expect(await over).toMatchObject({ outcome: 'error', error: 'model_not_found' })
  })

  it.each([
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'boss', content: 'Hi' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: [{ type: 'tool-call' }] }] }, 'messages[0].content[0].type'],
    [{ messages: [{ role: 'user', content: [{ type: 'image' }] }] }, 'messages[0].content[0].source'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].toolCallId'],
    [{ max_tokens: 5 }, 'max_tokens'],
  ])('refuses %j, naming the field', async (wrong, param) => {
    // What a program without types may send.
    const failure = byok.chat({ ...hello, ...wrong } as ChatInput)
    await expect(failure).rejects.toMatchObject({ name: 'ChatError', status: 400, param })
  })

  it('refuses what is no request', async () => {
    for (const request of [undefined, null, 'Hi', []] as never[]) {
      const failure = {
        name: 'ChatError',
        status: 400,
        message: 'A request must be an object with a `model` and `messages`.',
      }
      await expect(byok.chat(request)).rejects.toMatchObject(failure)
      await expect(byok.stream(request).next()).rejects.toMatchObject(failure)
    }
  })

  it('names the field that was meant, and takes what a hook adds', async () => {
    const ask = (more: object) => byok.chat({ ...hello, ...more })
    await expect(ask({ max_tokens: 5 })).rejects.toThrow(
      '`max_tokens` is no field of a request. Did you mean `maxTokens`?',
    )
    await expect(ask({ grammar: 'x' })).rejects.toThrow('What a provider alone knows goes into `extra`.')
    onTestFinished(byok.hooks.hook('request', ({ body }) => void (body['note'] = 'mine')))
    await ask({ grammar: undefined })
  })

  it('stops at its signal', async () => {
    const before = asked().length
    let open = () => {}
    first.say({ steps: [{ wait: new Promise<void>((resolve) => (open = resolve)) }, { text: 'late' }] })
    const abort = new AbortController()
    const over = settled()
    const answer = byok.chat(hello, { signal: abort.signal })
    await expect.poll(() => asked().length).toBe(before + 1)
    abort.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    expect(await asked().at(-1)?.aborted).toBe(true)
    open()
    expect(await over).toMatchObject({ outcome: 'aborted' })
  })
})

describe('byok.stream', () => {
  it('gives each event as it comes', async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    claude.say({ steps: [{ text: 'one' }, { wait: gate }, { text: ' two' }], usage: { input: 3, output: 2 } })
    const over = settled()
    let text = ''
    for await (const event of byok.stream({ ...hello, model: 'claude/claude-sonnet-4-5', maxTokens: 9 })) {
      if (event.type === 'text') text += event.text
      if (text === 'one') open()
    }
    expect(text).toBe('one two')
    expect(await over).toMatchObject({ outcome: 'ok', usage: { input: 3, output: 2 } })
  })

  it('fails over before the first event, and says what went wrong after it', async () => {
    first.fail({ kind: 'overloaded' })
    second.say({ steps: [{ text: 'whole' }] })
    let over = settled()
    expect(textOf(await collect(byok.stream(hello)))).toBe('whole')

    await over
    first.say({ steps: [{ text: 'half' }, { cut: true }] })
    over = settled()
    const stream = byok.stream(hello)
    const got: ChatEvent[] = []
    const failure = await (async () => {
      for await (const event of stream) got.push(event)
    })().catch((error: unknown) => error)
    expect(textOf(got)).toBe('half')
    expect(failure).toBeInstanceOf(ChatError)
    expect(await over).toMatchObject({ outcome: 'error' })
  })

  it('stops the provider when no more is read', async () => {
    let open = () => {}
    first.say({ steps: [{ text: 'one' }, { wait: new Promise<void>((resolve) => (open = resolve)) }, { text: 'two' }] })
    const over = settled()
    for await (const { type } of byok.stream(hello)) if (type === 'text') break
    expect(await over).toMatchObject({ outcome: 'aborted' })
    expect(await asked().at(-1)?.aborted).toBe(true)
    open()
  })

  it('ends with its signal, though nobody reads on', async () => {
    let open = () => {}
    first.say({ steps: [{ text: 'one' }, { wait: new Promise<void>((resolve) => (open = resolve)) }, { text: 'two' }] })
    const abort = new AbortController()
    const over = settled()
    const stream = byok.stream(hello, { signal: abort.signal })
    await stream.next()
    abort.abort(new Error('enough'))
    expect(await over).toMatchObject({ outcome: 'aborted', usage: { estimated: true } })
    expect(await asked().at(-1)?.aborted).toBe(true)
    const { all } = await byok.routing.lists.for(byok.registry.candidates('codex/gpt-4o'))
    expect(all.map((account) => byok.routing.inFlight(account))).toEqual([0, 0])
    await expect(collect(stream)).rejects.toThrow('enough')
    open()
  })

  it('ends with a signal that is aborted as it begins, though nobody reads on', async () => {
    const abort = new AbortController()
    const over = settled()
    const onInfo = () => void abort.abort(new Error('not them'))
    const stream = byok.stream(hello, { signal: abort.signal, onInfo })
    await expect(stream.next()).rejects.toThrow('not them')
    expect(await over).toMatchObject({ outcome: 'aborted' })
  })

  it('asks nobody before it is read', async () => {
    const before = asked().length
    let begun = false
    onChat = () => (begun = true)
    const stream = byok.stream(hello)
    await stream.return()
    expect(begun).toBe(false)
    expect(asked()).toHaveLength(before)
  })
})

describe('byok.fetch', () => {
  it('is a fetch for the openai client, whatever its base URL', async () => {
    const client = new OpenAI({ apiKey: 'unused', maxRetries: 0, fetch: byok.fetch })
    first.say({ steps: [{ text: ['Hel', 'lo'] }] })
    const stream = client.chat.completions.stream({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] })
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe('Hello')
    expect((await client.models.list()).data.map(({ id }) => id)).toContain('gpt-4o')
    await expect(client.models.retrieve('no-such')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })

  it('rejects as any fetch does where its signal aborts first', async () => {
    const client = new OpenAI({ apiKey: 'unused', maxRetries: 0, fetch: byok.fetch })
    first.say({ steps: [{ wait: new Promise<void>(() => {}) }] })
    const before = asked().length
    const abort = new AbortController()
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    const pending = client.chat.completions.create({ model: 'gpt-4o', messages }, { signal: abort.signal })
    while (asked().length === before) await new Promise((resolve) => setImmediate(resolve))
    const over = settled()
    abort.abort()
    await expect(pending).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
    expect(await over).toMatchObject({ outcome: 'aborted' })
  })
})
