import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { listen } from '../../../src/adapters/listen.ts'
import type { Listening } from '../../../src/adapters/listen.ts'
import antigravity from '../../../src/plugins/antigravity/index.ts'
import { startFakeServer } from '../../../src/testing/fake-server.ts'
import type { FakeProvider } from '../../../src/testing/fake-server.ts'
import { CODE_ASSIST_SEARCHED, PAGE } from '../../core/protocols/searched.ts'
import { startAntigravity } from '../../upstreams/antigravity.ts'
import { runProvider } from '../run.ts'
import type { Run } from '../run.ts'

/* Requests that are nothing but a search of the web. */

let fake: FakeProvider
let run: Run
let listening: Listening

beforeAll(async () => {
  fake = await startAntigravity()
  const login = { token: 'test-token', metadata: { project_id: 'test-project' } }
  run = await runProvider(antigravity, { settings: { oauth_base_url: fake.url }, login })
  listening = await listen(run.byok, { port: 0 })
})
afterAll(async () => {
  await listening.close(0)
  await run.close()
  await fake.close()
})

const found = () => fake.say({ steps: CODE_ASSIST_SEARCHED({ text: 'Found.' }) })
const sent = () => fake.requests.at(-1)?.json as Record<string, unknown>

/** As Claude Code's `WebSearch` asks. */
const search = (tool: object = {}): Anthropic.MessageCreateParamsNonStreaming => ({
  model: 'claude-sonnet-4-6',
  max_tokens: 100_000,
  thinking: { type: 'enabled', budget_tokens: 5000 },
  messages: [{ role: 'user', content: 'Perform a web search for the query: byok' }],
  tools: [{ type: 'web_search_20250305', name: 'web_search', ...tool }],
  tool_choice: { type: 'tool', name: 'web_search' },
})
const claude = () => new Anthropic({ baseURL: listening.url, apiKey: 'unused', authToken: null, maxRetries: 0 })
const gemini = () =>
  new GoogleGenAI({
    apiKey: 'unused',
    vertexai: false,
    httpOptions: { baseUrl: listening.url, retryOptions: { attempts: 1 } },
  })
const openai = () => new OpenAI({ baseURL: `${listening.url}/v1`, apiKey: 'unused', maxRetries: 0 })

it('has Claude Code’s searches made by the model that searches, in a request of their own kind', async () => {
  found()
  const { content } = await claude()
    .messages.stream(search({ allowed_domains: ['byok.test'] }))
    .finalMessage()
  expect(content).toMatchObject([
    { type: 'text', text: 'Found.' },
    { type: 'server_tool_use', name: 'web_search', input: { query: 'byok' } },
    { type: 'web_search_tool_result', content: [{ type: 'web_search_result', ...PAGE }] },
  ])
  expect(sent()).toMatchObject({
    model: 'gemini-3.1-flash-lite',
    requestType: 'web_search',
    request: {
      tools: [{ googleSearch: { includedDomains: ['byok.test'] } }],
      generationConfig: { maxOutputTokens: 65_535 },
    },
  })
  expect(sent()).not.toHaveProperty('request.generationConfig.thinkingConfig')
})

it.each(['googleSearch', 'google_search'])('has Gemini CLI’s searches made by it: %s', async (name) => {
  found()
  const response = await fetch(`${listening.url}/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse`, {
    method: 'POST',
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'byok' }] }], tools: [{ [name]: {} }] }),
  })
  expect(await response.text()).toContain(PAGE.url)
  expect(sent()).toMatchObject({ model: 'gemini-3.1-flash-lite', requestType: 'web_search' })
})

it('has those of other clients made by it, where a model of Google’s is asked', async () => {
  found()
  const stream = openai().chat.completions.stream({
    model: 'gemini-3-flash',
    messages: [{ role: 'user', content: 'byok' }],
    web_search_options: {},
    stream: true,
  })
  const { choices } = await stream.finalChatCompletion()
  expect(choices).toMatchObject([{ message: { content: 'Found.', annotations: [{ url_citation: PAGE }] } }])
  expect(sent()).toMatchObject({ model: 'gemini-3.1-flash-lite', requestType: 'web_search' })
})

it('answers by no other model where one of another vendor’s may search as it sees fit', async () => {
  const { tool_choice: _, ...free } = search()
  await expect(claude().messages.stream(free).finalMessage()).rejects.toThrow(/does not support the tool `web_search/)
})

/** As Gemini's own clients ask for a search, alone or beside more. */
async function askGemini(model: string, more: object = {}) {
  const response = await fetch(`${listening.url}/v1beta/models/${model}:generateContent`, {
    method: 'POST',
    body: JSON.stringify({ contents: [{ parts: [{ text: 'byok' }] }], tools: [{ googleSearch: {} }], ...more }),
  })
  return { status: response.status, text: await response.text() }
}

it.each(['claude-sonnet-4-6', 'gpt-oss-120b-medium'])('nor for Gemini’s clients: %s', async (model) => {
  const asked = fake.requests.length
  const { status, text } = await askGemini(model)
  expect([status, text]).toEqual([400, expect.stringContaining('`googleSearch`')])
  expect(fake.requests).toHaveLength(asked)
  // Where it must search, whose words tell of it does not matter.
  fake.say({ steps: [{ text: 'Found.' }] })
  const must = { toolConfig: { functionCallingConfig: { mode: 'ANY' } } }
  expect(await askGemini(model, must)).toMatchObject({ status: 200, text: expect.stringContaining('Found.') as string })
  expect(sent()).toMatchObject({ model: 'gemini-3.1-flash-lite', requestType: 'web_search' })
})

it('has no model rest for a limit of the one that searches', async () => {
  const asked = { model: 'claude-sonnet-4-5', max_tokens: 100 }
  const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3600s' }
  const spent = { code: 429, message: 'Quota.', status: 'RESOURCE_EXHAUSTED', details: [retryInfo] }
  const vendor = await startFakeServer((request, reply) => {
    const { requestType } = request.json as { requestType?: string }
    if (requestType === 'web_search') return reply.json(429, { error: spent })
    const candidates = [{ content: { role: 'model', parts: [{ text: 'Hello.' }] }, finishReason: 'STOP' }]
    return reply.json(200, { response: { candidates } })
  })
  onTestFinished(() => vendor.close())
  const login = { token: 'test-token', metadata: { project_id: 'test-project' } }
  const other = await runProvider(antigravity, { settings: { oauth_base_url: vendor.url }, login })
  onTestFinished(() => other.close())
  const post = async (body: object) =>
    await other.byok.fetch('http://localhost/v1/messages', { method: 'POST', body: JSON.stringify(body) })
  const searched = await post({ ...search(), ...asked, thinking: { type: 'disabled' } })
  expect([searched.status, searched.headers.get('retry-after')]).toEqual([429, '3600'])
  const answered = await post({ ...asked, messages: [{ role: 'user', content: 'Hi' }] })
  expect([answered.status, await answered.text()]).toEqual([200, expect.stringContaining('Hello.')])
})

it('leaves a picture that rests on a search to the model that draws', async () => {
  await askGemini('gemini-3.1-flash-image', { generationConfig: { responseModalities: ['IMAGE'] } })
  expect(sent()).toMatchObject({
    model: 'gemini-3.1-flash-image',
    requestType: 'image_gen',
    request: { tools: [{ googleSearch: {} }] },
  })
})

it('searches for nobody who says that no tool may be called', async () => {
  fake.say({ steps: [{ text: 'Hello.' }] })
  const request = { model: 'gemini-3-flash', contents: 'byok' }
  const { text } = await gemini().models.generateContent(request)
  expect(text).toBe('Hello.')
  expect(sent()).toMatchObject({ model: 'gemini-3-flash', requestType: 'agent' })
  fake.say({ steps: [{ text: 'Hello.' }] })
  await claude()
    .messages.stream({ ...search(), model: 'gemini-3-flash', tool_choice: { type: 'none' } })
    .finalMessage()
  expect(sent()).toMatchObject({ model: 'gemini-3-flash', requestType: 'agent' })
})
