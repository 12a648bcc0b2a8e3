import { GoogleGenAI } from '@google/genai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RequestInfo } from '../../src/core/hooks.ts'
import { startGemini } from '../upstreams/gemini.ts'
import { serveEveryone, withEveryone } from './providers.ts'
import type { Everyone } from './providers.ts'

/* The unmodified `@google/genai` and its Interactions, which pass through to Gemini. */

let everyone: Everyone
let client: GoogleGenAI
const infos: RequestInfo[] = []

const clientOf = (url: string, apiKey = 'unused') =>
  new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl: url, retryOptions: { attempts: 1 } } })

beforeAll(async () => {
  everyone = await serveEveryone({ hooks: { response: ({ info }) => void infos.push(info) } })
  client = clientOf(everyone.url)
})
afterAll(() => everyone.close())

const model = 'gemini-2.5-flash'
const usage = { input: 12, output: 5, reasoning: 2 }

/** The texts of a stream, and how it ended. */
async function stream({ interactions }: GoogleGenAI, input: string) {
  const seen: string[] = []
  let text = ''
  for await (const event of await interactions.create({ model, input, stream: true })) {
    seen.push(event.event_type)
    if (event.event_type === 'step.delta' && event.delta.type === 'text') text += event.delta.text
  }
  return { text, last: seen.at(-1) }
}

it('answers in one piece, and goes on from an answer', async () => {
  everyone.fakes.gemini.say({ steps: [{ text: 'Hello' }], usage })
  const first = await client.interactions.create({ model, input: 'Hi' })
  expect(first).toMatchObject({ status: 'completed', usage: { total_input_tokens: 12 } })
  expect(JSON.stringify(first.steps)).toContain('Hello')
  expect(infos.at(-1)).toMatchObject({
    provider: 'gemini',
    protocol: 'gemini-interactions',
    outcome: 'ok',
    usage: { input: 12, output: 5, reasoning: 2 },
  })
  everyone.fakes.gemini.say({ steps: [{ text: 'Still here' }] })
  const second = await client.interactions.create({ model, input: 'And?', previous_interaction_id: first.id })
  expect(JSON.stringify(second.steps)).toContain('Still here')
})

it('streams', async () => {
  everyone.fakes.gemini.say({ steps: [{ text: ['Hel', 'lo 🦊'] }], usage })
  expect(await stream(client, 'Hi')).toEqual({ text: 'Hello 🦊', last: 'interaction.completed' })
  expect(infos.at(-1)).toMatchObject({ outcome: 'ok', stream: true, usage: { input: 12, output: 5 } })
  expect(everyone.fakes.gemini.requests.at(-1)?.json).toEqual({ model, input: 'Hi', stream: true })
})

it('asks for an agent in the place of a model', async () => {
  everyone.fakes.gemini.say({ steps: [{ text: 'Done' }] })
  const agent = 'deep-research-pro-preview-12-2025'
  const answer = await client.interactions.create({ agent, input: 'Research', background: true })
  expect(answer.status).toBe('in_progress')
  expect(everyone.fakes.gemini.requests.at(-1)?.json).toEqual({ agent, input: 'Research', background: true })
})

it('is asked for what goes on in the background, whose usage counts once', async () => {
  everyone.fakes.gemini.say({ steps: [{ text: 'Done' }], usage })
  const begun = await client.interactions.create({ model, input: 'Research', background: true })
  infos.length = 0
  const done = await client.interactions.get(begun.id)
  expect(done).toMatchObject({ status: 'completed', id: begun.id })
  expect(JSON.stringify(done.steps)).toContain('Done')
  await client.interactions.get(begun.id, { include_input: true })
  expect(everyone.fakes.gemini.requests.at(-1)?.query.get('include_input')).toBe('true')
  await fetch(`${everyone.url}/v1beta/interactions/${begun.id}?key=the-clients-own`)
  expect(everyone.fakes.gemini.requests.at(-1)?.query.get('key')).toBeNull()
  expect((await client.interactions.cancel(begun.id)).status).toBe('cancelled')
  await client.interactions.delete(begun.id)
  expect(infos.map(({ outcome, usage: used }) => [outcome, used?.output])).toEqual([
    ['ok', 5],
    ['ok', undefined],
    ['ok', undefined],
    ['ok', undefined],
    ['ok', undefined],
  ])
  await expect(client.interactions.get(begun.id)).rejects.toMatchObject({
    message: expect.stringContaining('not found'),
  })
  await expect(client.interactions.get('v1_nobodys')).rejects.toMatchObject({
    message: expect.stringContaining('byok knows those it passed on itself'),
  })
})

it('is ended, read and deleted by whoever has used up a budget', async () => {
  const key = { key: 'sk-byok-with-a-budget-for-one-request', label: 'one', budget: { requests_per_day: 1 } }
  await withEveryone(
    async ({ url, fakes }) => {
      fakes.gemini.say({ steps: [{ text: 'Done' }], usage })
      const { interactions } = clientOf(url, key.key)
      const begun = await interactions.create({ model, input: 'Research', background: true })
      // By hand: the client would wait for tomorrow.
      const more = await fetch(`${url}/v1beta/interactions?key=${key.key}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, input: 'More' }),
      })
      expect(more.status).toBe(429)
      expect((await interactions.cancel(begun.id)).status).toBe('cancelled')
      expect((await interactions.get(begun.id)).id).toBe(begun.id)
      await interactions.delete(begun.id)
    },
    { server: { keys: [key] } },
  )
})

it('tells of a stream that was cut', async () => {
  everyone.fakes.gemini.say({ steps: [{ text: 'Hel' }, { cut: true }] })
  expect(await stream(client, 'Hi')).toEqual({ text: 'Hel', last: 'error' })
})

it('refuses who has none, and what it cannot see into', async () => {
  const asked = client.interactions.create({ model: 'claude/claude-sonnet-4-5', input: 'Hi' })
  await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('asked by generateContent') })
  await withEveryone(
    async ({ url }) => {
      const unseen = clientOf(url).interactions.create({ model, input: 'Hi' })
      await expect(unseen).rejects.toMatchObject({ message: expect.stringContaining('plugin') })
    },
    { hooks: { chat() {} } },
  )
})

it('goes on with the key that holds the conversation', async () => {
  const [one, other] = [await startGemini({ key: 'one' }), await startGemini({ key: 'other' })]
  const keys = [
    { key: 'one', base_url: one.url },
    { key: 'other', base_url: other.url },
  ]
  const work = async ({ url }: Everyone) => {
    const { interactions } = clientOf(url)
    const begun = await interactions.create({ model, input: 'Hi' })
    for (const input of ['And?', 'Then?']) {
      await interactions.create({ model, input, previous_interaction_id: begun.id })
    }
    expect((await interactions.get(begun.id)).id).toBe(begun.id)
    expect([one.requests.length, other.requests.length].toSorted()).toEqual([0, 4])
    const lost = interactions.create({ model, input: 'And?', previous_interaction_id: 'v1_lost' })
    await expect(lost).rejects.toMatchObject({ status: 404, message: expect.stringContaining('v1_lost') })
    expect(one.requests.length + other.requests.length).toBe(5)
  }
  await withEveryone(work, { providers: { gemini: { api_keys: keys } }, routing: { strategy: 'round-robin' } })
  await Promise.all([one.close(), other.close()])
})

it("lets nobody go on from, or ask for, what another client's key began", async () => {
  const work = async ({ url }: Everyone) => {
    const [mine, others] = ['mine', 'others'].map((apiKey) => {
      const httpOptions = { baseUrl: url, retryOptions: { attempts: 1 } }
      return new GoogleGenAI({ apiKey, vertexai: false, httpOptions }).interactions
    })
    const begun = await mine?.create({ model, input: 'My secret is 7' })
    const goesOn = { model, input: 'What is my secret?', previous_interaction_id: begun?.id ?? '' }
    const notFound = { status: 404, message: expect.stringContaining('byok knows those it passed on itself') }
    await expect(others?.create(goesOn)).rejects.toMatchObject(notFound)
    await expect(others?.get(begun?.id ?? '')).rejects.toMatchObject(notFound)
    expect((await mine?.create(goesOn))?.status).toBe('completed')
  }
  const keys = ['mine', 'others'].map((label) => ({ key: label, label }))
  await withEveryone(work, { server: { keys } })
})
