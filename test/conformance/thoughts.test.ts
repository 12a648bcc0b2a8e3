import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI, ThinkingLevel } from '@google/genai'
import { generateText, stepCountIs, streamText, tool } from 'ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import codex from '../../src/plugins/codex/index.ts'
import { runProvider } from '../plugins/run.ts'
import { startOpenAIResponses } from '../upstreams/openai-responses.ts'
import { KINDS, serveEveryone } from './providers.ts'
import type { Everyone } from './providers.ts'

/* What clients of other vendors see of a model's thoughts: OpenAI's show none unless a summary is asked for; open models prove none. */

let everyone: Everyone

beforeAll(async () => {
  everyone = await serveEveryone()
})
afterAll(() => everyone.close())

const { model } = KINDS.codex
const thinking = { type: 'enabled', budget_tokens: 2000 } as const
const question: Anthropic.MessageCreateParamsNonStreaming = {
  model,
  max_tokens: 4000,
  messages: [{ role: 'user', content: 'Why?' }],
}

describe('@anthropic-ai/sdk', () => {
  it.each<[string, Anthropic.ThinkingConfigParam, string]>([
    ['a budget', thinking, 'Hm.'],
    ['a budget, shown', { ...thinking, display: 'summarized' }, 'Hm.'],
    ['a budget, not shown', { ...thinking, display: 'omitted' }, ''],
    ['as much as it likes, shown', { type: 'adaptive', display: 'summarized' }, 'Hm.'],
    ['not at all', { type: 'disabled' }, ''],
  ])('asks for thinking: %s', async (_, asked, seen) => {
    everyone.fakes.codex.say({ steps: [{ reasoning: 'Hm.' }, { text: 'Because' }] })
    const client = new Anthropic({ baseURL: everyone.url, apiKey: 'unused', authToken: null, maxRetries: 0 })
    const { content } = await client.messages.create({ ...question, thinking: asked })
    expect(content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('')).toBe(seen)
    expect(content.at(-1)).toMatchObject({ type: 'text', text: 'Because' })
  })
})

describe('@google/genai', () => {
  it.each([
    ['a level', { includeThoughts: true, thinkingLevel: ThinkingLevel.HIGH }, 'Hm.'],
    ['a budget', { includeThoughts: true, thinkingBudget: 2000 }, 'Hm.'],
    ['thoughts alone', { includeThoughts: true }, 'Hm.'],
    ['a level, not shown', { thinkingLevel: ThinkingLevel.HIGH }, ''],
    ['none', { includeThoughts: true, thinkingBudget: 0 }, ''],
  ])('asks for thinking: %s', async (_, thinkingConfig, seen) => {
    everyone.fakes.codex.say({ steps: [{ reasoning: 'Hm.' }, { text: 'Because' }] })
    const client = new GoogleGenAI({ apiKey: 'unused', httpOptions: { baseUrl: everyone.url } })
    const { candidates, text } = await client.models.generateContent({
      model,
      contents: 'Why?',
      config: { thinkingConfig },
    })
    const thoughts = candidates?.[0]?.content?.parts?.filter(({ thought }) => thought === true)
    expect(thoughts?.map((part) => part.text ?? '').join('')).toBe(seen)
    expect(text).toBe('Because')
  })
})

describe('the AI SDK, which keeps no thoughts without a proof', () => {
  const { model } = KINDS.kimi
  const options = () => ({ baseURL: `${everyone.url}/v1`, apiKey: 'unused' })
  it.each([
    ['Messages', () => createAnthropic(options())(model)],
    ['Responses', () => createOpenAI(options())(model)],
  ])('gives Kimi its own back by %s', async (_, client) => {
    const kimi = everyone.fakes.kimi
    kimi.say({ steps: [{ reasoning: 'Hm.' }, { toolCall: { id: 'call_1', name: 'look', arguments: '{}' } }] })
    kimi.say({ steps: [{ text: 'Because' }] })
    const answer = streamText({
      model: client(),
      prompt: 'Why?',
      tools: { look: tool({ inputSchema: z.object({}), execute: () => 'seen' }) },
      stopWhen: stepCountIs(2),
      providerOptions: { openai: { store: false } },
    })
    expect(await answer.text).toBe('Because')
    expect(kimi.requests.at(-1)?.text).toContain('"reasoning_content":"Hm."')
  })
})

it.each([true, false])(
  '@ai-sdk/openai-compatible gives Gemini the proof of its call back, streamed: %s',
  async (stream) => {
    const { gemini } = everyone.fakes
    gemini.say({ steps: [{ toolCall: { id: 'call_1', name: 'look', arguments: '{}' } }] })
    gemini.say({ steps: [{ text: 'Because' }] })
    // Before its third version it gives back what came under the name that Google has with it, alone.
    const provider = createOpenAICompatible({ name: 'google', baseURL: `${everyone.url}/v1`, apiKey: 'unused' })
    const asked = {
      model: provider('gemini/gemini-3.1-pro-preview'),
      prompt: 'Why?',
      tools: { look: tool({ inputSchema: z.object({}), execute: () => 'seen' }) },
      stopWhen: stepCountIs(2),
    }
    const text = stream ? await streamText(asked).text : (await generateText(asked)).text
    expect(text).toBe('Because')
    const { contents } = gemini.requests.at(-1)?.json as { contents: { parts: { thoughtSignature?: string }[] }[] }
    const signatures = contents.flatMap(({ parts }) => parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []))
    expect(signatures).toEqual([expect.not.stringMatching(/^skip|byok/)])
  },
)

it('goes without where an organization may not see them, and asks that once', async () => {
  const fake = await startOpenAIResponses({ verified: false })
  const run = await runProvider(codex, { settings: { api_key: 'sk-test', base_url: fake.url } })
  const inProcess = (url: string | URL | Request, init?: RequestInit) => run.byok.fetch(new Request(url, init))
  const client = new Anthropic({ baseURL: 'http://localhost', apiKey: 'unused', maxRetries: 0, fetch: inProcess })
  for (const times of [2, 3]) {
    fake.say({ steps: [{ reasoning: 'Hm.' }, { text: 'Because' }] })
    const { content } = await client.messages.create({ ...question, thinking })
    expect(content.at(-1)).toMatchObject({ type: 'text', text: 'Because' })
    expect(fake.requests).toHaveLength(times)
  }
  // What a client says in OpenAI's own words is its own affair.
  const own = { model, input: 'Why?', reasoning: { summary: 'auto' } }
  const headers = { 'content-type': 'application/json' }
  const answer = await inProcess('http://localhost/v1/responses', {
    method: 'POST',
    headers,
    body: JSON.stringify(own),
  })
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param: 'reasoning.summary' } }])
  await run.close()
  await fake.close()
})
