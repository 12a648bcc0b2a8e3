import { GoogleGenAI } from '@google/genai'
import type { GenerateContentParameters, Tool } from '@google/genai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Everyone } from '../../../conformance/providers.ts'
import { serveEveryone } from '../../../conformance/providers.ts'
import { block, OPENAI_SEARCHED, PAGE as page, QUERY, resultOf, USE, withClaudeSearched } from '../searched.ts'
import type { Raw } from '../searched.ts'

/* Requests that are nothing but a search of the web, as Gemini CLI's `google_web_search` makes them, in front of vendors that search themselves. */

let everyone: Everyone
let client: GoogleGenAI

const clientAt = (baseUrl: string) =>
  new GoogleGenAI({ apiKey: 'unused', vertexai: false, httpOptions: { baseUrl, retryOptions: { attempts: 1 } } })

beforeAll(async () => {
  everyone = await serveEveryone()
  client = clientAt(everyone.url)
})
afterAll(() => everyone.close())

const asking = (model: string, tool: Tool = { googleSearch: {} }): GenerateContentParameters => ({
  model,
  contents: [{ role: 'user', parts: [{ text: 'byok' }] }],
  config: { tools: [tool] },
})

const other = { url: 'https://other.test/', title: 'Another' }

/** Claude's search, of which its words rest on one page. */
const cited = <Step>(words: Step): (Step | Raw)[] => [
  block(20, USE, QUERY),
  block(21, resultOf(page, other, page)),
  words,
  block(
    22,
    { type: 'text', text: '', citations: [] },
    { type: 'text_delta', text: ' See there.' },
    {
      type: 'citations_delta',
      citation: { type: 'web_search_result_location', encrypted_index: 'e', cited_text: 'x', ...page },
    },
  ),
]

const VENDORS = [
  ['claude', 'claude/claude-sonnet-4-5', cited, { type: 'web_search_20250305', name: 'web_search' }],
  ['codex', 'codex/gpt-5.3-codex', OPENAI_SEARCHED, { type: 'web_search' }],
  ['codex', 'codex/gpt-5.2', OPENAI_SEARCHED, { type: 'web_search' }],
] as const

describe.each(VENDORS)('a search by %s (%s)', (kind, model, searched, tool) => {
  it('tells what the answer rests on where Gemini CLI looks for it', async () => {
    const fake = everyone.fakes[kind]
    fake.say({ steps: searched({ text: 'Found.' }) })
    let text = ''
    let grounds: unknown
    for await (const chunk of await client.models.generateContentStream(asking(model))) {
      text += chunk.text ?? ''
      grounds ??= chunk.candidates?.[0]?.groundingMetadata
    }
    expect(text).toBe('Found. See there.')
    expect(grounds).toEqual({
      webSearchQueries: ['byok'],
      groundingChunks: [{ web: { uri: page.url, title: page.title } }],
    })
    expect(fake.requests.at(-1)?.json).toMatchObject({ tools: [tool] })
  })

  it('that finds nothing is answered with words alone', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'Nothing.' }] })
    const answer = await client.models.generateContent(asking(model))
    expect(answer.text).toBe('Nothing.')
    expect(answer.candidates?.[0]).not.toHaveProperty('groundingMetadata')
  })

  it('is refused for what no other vendor is told: the time that pages are from', async () => {
    const timeRangeFilter = { startTime: '2026-01-01T00:00:00Z', endTime: '2026-02-01T00:00:00Z' }
    await expect(client.models.generateContent(asking(model, { googleSearch: { timeRangeFilter } }))).rejects.toThrow(
      /does not support the tool `googleSearch`/,
    )
  })

  it('is left out beside tools of the client’s own', async () => {
    const fake = everyone.fakes[kind]
    fake.say({ steps: [{ text: 'Hello.' }] })
    const functionDeclarations = [{ name: 'look', description: 'Looks.' }]
    const { config, ...rest } = asking(model)
    const tools = [...(config?.tools ?? []), { functionDeclarations }]
    await client.models.generateContent({ ...rest, config: { tools } })
    const sent = JSON.stringify(fake.requests.at(-1)?.json)
    expect(sent).toContain('look')
    expect(sent).not.toContain('web_search')
  })
})

it('tells all that Claude found where the answer rests on none of it, each page once, of an answer in whole', async () => {
  await withClaudeSearched(async (url) => {
    const { candidates, text } = await clientAt(url).models.generateContent(asking('claude/claude-sonnet-4-5'))
    expect(text).toBe('I look. Found.')
    expect(candidates?.[0]?.groundingMetadata).toEqual({
      webSearchQueries: ['byok'],
      groundingChunks: [{ web: { uri: page.url, title: page.title } }],
    })
  })
})

it('is told of no page where Claude’s search fails', async () => {
  const failed = { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' }
  const results = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: failed }
  everyone.fakes.claude.say({ steps: [block(20, USE, QUERY), block(21, results), { text: 'No luck.' }] })
  const chunks = await client.models.generateContentStream(asking('claude/claude-sonnet-4-5'))
  const grounds: unknown[] = []
  for await (const { candidates } of chunks) grounds.push(candidates?.[0]?.groundingMetadata)
  expect(grounds.filter(Boolean)).toEqual([{ webSearchQueries: ['byok'], groundingChunks: [] }])
})

it('is refused where the vendor has none', async () => {
  await expect(client.models.generateContent(asking('kimi/kimi-for-coding'))).rejects.toThrow(
    /does not support the tool `googleSearch`/,
  )
})
