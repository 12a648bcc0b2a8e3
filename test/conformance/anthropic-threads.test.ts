import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import { startAnthropic } from '../upstreams/anthropic.ts'
import { KINDS, serveEveryone, withEveryone } from './providers.ts'
import type { Everyone, Kind } from './providers.ts'
import { startTarget } from './start-target.ts'
import { nameOf, targets } from './targets.ts'

/* Conversations that the server holds (`thread`), as the unmodified `@anthropic-ai/sdk` has them: its tool runner by default. */

let everyone: Everyone
let client: Anthropic

const clientOf = (url: string) => new Anthropic({ baseURL: url, apiKey: 'unused', authToken: null, maxRetries: 0 })

beforeAll(async () => {
  everyone = await serveEveryone()
  client = clientOf(everyone.url)
})
afterAll(() => everyone.close())

const kinds = Object.keys(KINDS) as Kind[]
const foreign = kinds.filter((kind) => kind !== 'claude')
const everywhere = kinds.flatMap((kind) => [true, false].map((streaming) => ({ kind, streaming })))

const weather = betaZodTool({
  name: 'weather',
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  run: ({ city }) => `sunny in ${city}`,
})

const WHOLE = /How is Rome\?.*sunny in Rome.*sunny in Oslo/s

const textOf = ({ content }: Anthropic.Beta.BetaMessage) =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('')

/** Two calls of a tool and an answer. @returns what the provider was sent at last */
async function runTools(asking: Anthropic, fake: FakeProvider, model: string, stream: boolean): Promise<string> {
  for (const city of ['Rome', 'Oslo']) {
    const call = { id: `call_${city}`, name: 'weather', arguments: JSON.stringify({ city }) }
    fake.say({ steps: [{ toolCall: call }] })
  }
  fake.say({ steps: [{ text: 'Sunny' }] })
  const runner = asking.beta.messages.toolRunner({
    model,
    max_tokens: 1000,
    system: 'Be brief',
    messages: [{ role: 'user', content: 'How is Rome? And Oslo?' }],
    tools: [weather],
    stream,
  })
  expect(textOf(await runner.runUntilDone())).toBe('Sunny')
  return fake.requests.at(-1)?.text ?? ''
}

describe.each(everywhere)('the tool runner in front of $kind (streaming: $streaming)', ({ kind, streaming }) => {
  it('tells the model the whole conversation', async () => {
    const fake = everyone.fakes[kind]
    const asked = fake.requests.length
    const sent = await runTools(client, fake, KINDS[kind].model, streaming)
    expect(fake.requests).toHaveLength(asked + 3)
    // Claude holds what went before; whoever cannot is sent it.
    if (kind === 'claude') expect(sent).toMatch(/"previous_message_id":"msg_/)
    else expect(sent).toMatch(WHOLE)
  })
})

it.each(foreign)('the tool runner gives and takes tools on the way, in front of %s', async (kind) => {
  const fake = everyone.fakes[kind]
  const time = betaZodTool({
    name: 'time',
    description: 'The time in a city',
    inputSchema: z.object({ city: z.string() }),
    run: ({ city }) => `noon in ${city}`,
  })
  fake.say({ steps: [{ toolCall: { id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' } }] })
  fake.say({ steps: [{ toolCall: { id: 'call_2', name: 'time', arguments: '{"city":"Rome"}' } }] })
  fake.say({ steps: [{ text: 'Sunny at noon' }] })
  const runner = client.beta.messages.toolRunner({
    model: KINDS[kind].model,
    max_tokens: 1000,
    messages: [{ role: 'user', content: 'How is Rome? And how late?' }],
    tools: [weather],
    betas: ['inline-tools-2026-09-15'],
  })
  for await (const { content } of runner) {
    if (!content.some((block) => block.type === 'tool_use' && block.name === 'weather')) continue
    runner.addTools(time)
    runner.removeTools('weather')
  }
  expect(textOf(await runner.done())).toBe('Sunny at noon')
  const sent = fake.requests.at(-1)?.text ?? ''
  expect(sent).toMatch(/noon in Rome/)
  expect(sent).toContain('The time in a city')
  expect(sent).not.toContain('The weather of a city')
  expect(sent).not.toMatch(/tool_(?:addition|removal)/)
})

it.each(targets.map((target) => [nameOf(target), target] as const))(
  'the tool runner in front of %s',
  async (_, target) => {
    const { fake, run, close } = await startTarget(target)
    const inProcess = (url: string | URL | Request, init?: RequestInit) => run.byok.fetch(new Request(url, init))
    const asking = new Anthropic({ baseURL: 'http://localhost', apiKey: 'unused', maxRetries: 0, fetch: inProcess })
    const sent = await runTools(asking, fake, target.model, false)
    expect(sent).toMatch(target.title === 'Claude' ? /"previous_message_id":"msg_/ : WHOLE)
    await close()
  },
)

describe.each(foreign)('a thread in front of %s', (kind) => {
  const { model } = KINDS[kind]

  it('is refused by the name that the SDK knows', async () => {
    const asked = everyone.fakes[kind].requests.length
    const refused = { status: 400, error: { error: { details: { error_code: 'thread_unsupported_request' } } } }
    const thread = client.beta.messages.thread({ model, max_tokens: 100 })
    await expect(thread.send({ role: 'user', content: 'My name is Ann' })).rejects.toMatchObject(refused)
    const later = client.beta.messages.create({
      model,
      max_tokens: 100,
      messages: [],
      thread: { type: 'continue', previous_message_id: 'msg_1' },
      betas: ['message-threads-2026-08-12'],
    })
    await expect(later).rejects.toMatchObject(refused)
    expect(everyone.fakes[kind].requests).toHaveLength(asked)
  })

  it('goes on without one where that is wanted', async () => {
    const fake = everyone.fakes[kind]
    fake.say({ steps: [{ text: 'Hello' }] })
    fake.say({ steps: [{ text: 'Ann' }] })
    const thread = client.beta.messages.thread({
      model,
      max_tokens: 100,
      unsupportedRequestBehavior: 'continue_unthreaded',
    })
    await thread.send({ role: 'user', content: 'My name is Ann' })
    expect(textOf(await thread.send({ role: 'user', content: 'What is my name?' }))).toBe('Ann')
    expect(fake.requests.at(-1)?.text).toMatch(/My name is Ann.*Hello.*What is my name\?/s)
  })

  it.each([
    ['compaction', { compaction: { type: 'enabled' } }],
    ['fallbacks', { fallbacks: [{ model: 'claude-haiku-4-5' }] }],
    ['inference_geo', { inference_geo: 'us' }],
  ])('is refused `%s`, without which the answer would be another', async (name, field) => {
    const body = { model, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], ...field }
    const asked = client.post('/v1/messages', { body })
    await expect(asked).rejects.toMatchObject({ status: 400, message: expect.stringContaining(`\`${name}\``) })
  })

  it('is answered without what the model has by default', async () => {
    const messages = [{ role: 'user', content: 'Hello' }]
    const body = { model, max_tokens: 100, messages, fallbacks: 'default', inference_geo: 'global', compaction: null }
    everyone.fakes[kind].say({ steps: [{ text: 'Hi' }] })
    expect(await client.post('/v1/messages', { body })).toMatchObject({ content: [{ text: 'Hi' }] })
  })
})

describe('a thread in front of Claude', () => {
  const model = KINDS.claude.model
  const request = { model, max_tokens: 100, system: 'Be brief' }

  it('that Claude does not hold is refused in its own words', async () => {
    const fake = everyone.fakes.claude
    const thread = client.beta.messages.thread(request)
    fake.say({ steps: [{ text: 'Hello' }] })
    const { id } = await thread.send({ role: 'user', content: 'My name is Ann' })
    const lost = client.beta.messages.create({
      model,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'And?' }],
      thread: { type: 'continue', previous_message_id: `${id}0` },
      betas: ['message-threads-2026-08-12'],
    })
    await expect(lost).rejects.toMatchObject({
      status: 404,
      error: { error: { details: { error_code: 'thread_not_found' } } },
    })
  })

  it('stays with the account that holds it, and is begun anew where that rests', async () => {
    const fakes = await Promise.all([startAnthropic({ key: 'sk-ant-1' }), startAnthropic({ key: 'sk-ant-2' })])
    const [first, second] = fakes
    const keys = fakes.map(({ url }, index) => ({ key: `sk-ant-${index + 1}`, label: `a${index}`, base_url: url }))
    const providers = { claude: { api_keys: keys } }
    await withEveryone(
      async ({ url }) => {
        for (const fake of fakes) for (const text of ['one', 'two', 'three']) fake.say({ steps: [{ text }] })
        const thread = clientOf(url).beta.messages.thread(request)
        for (const content of ['Hello', 'And?', 'And then?']) await thread.send({ role: 'user', content })
        expect(fakes.map(({ requests }) => requests.length).toSorted()).toEqual([0, 3])
        const [holder, other] = first.requests.length === 3 ? [first, second] : [second, first]
        holder.fail({ kind: 'rate_limit' })
        await thread.send({ role: 'user', content: 'Still there?' })
        expect(other.requests.at(-1)?.text).toMatch(/Hello.*one.*And\?.*two.*And then\?.*three.*Still there\?/s)
      },
      { providers, routing: { strategy: 'round-robin' } },
    )
    await Promise.all(fakes.map((fake) => fake.close()))
  })

  it('is kept where a plugin looks at requests', async () => {
    await withEveryone(
      async ({ url, fakes }) => {
        for (const text of ['one', 'two']) fakes.claude.say({ steps: [{ text }] })
        const thread = clientOf(url).beta.messages.thread(request)
        await thread.send({ role: 'user', content: 'Hello' })
        expect(textOf(await thread.send({ role: 'user', content: 'And?' }))).toBe('two')
      },
      { plugins: [{ name: 'onlooker', hooks: { chat: () => {} } }] },
    )
  })
})
