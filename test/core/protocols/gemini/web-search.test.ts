import { GoogleGenAI } from '@google/genai'
import type { GenerateContentParameters, Tool } from '@google/genai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFakeServer } from '../../../../src/testing/fake-server.ts'
import type { Everyone } from '../../../conformance/providers.ts'
import { serveEveryone } from '../../../conformance/providers.ts'

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

const event = (value: { type: string }) => ({ raw: `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n` })
const page = { url: 'https://byok.test/', title: 'Bring your own key' }
const other = { url: 'https://other.test/', title: 'Another' }

/** As `WebSearchToolResultBlock` of @anthropic-ai/sdk has it. */
const result = (...found: object[]) => ({
  type: 'web_search_tool_result',
  tool_use_id: 'srvtoolu_1',
  content: found.map((one) => ({ type: 'web_search_result', encrypted_content: 'e', page_age: null, ...one })),
})
const use = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }
const query = { type: 'input_json_delta', partial_json: '{"query":"byok"}' }

/** A block as Claude streams it, away from the places of the fake's own. */
const block = (index: number, content_block: object, ...deltas: object[]) => ({
  raw: [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
    .map((value) => event(value).raw)
    .join(''),
})

const SEARCHED = {
  claude: [block(20, use, query), block(21, result(page, other, page))],
  codex: [
    event({
      type: 'response.output_item.done',
      ...{
        output_index: 7,
        item: { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'byok' } },
      },
    }),
  ],
}

/** Words that rest on a page. */
const CITED = {
  claude: block(
    22,
    { type: 'text', text: '', citations: [] },
    { type: 'text_delta', text: ' See there.' },
    {
      type: 'citations_delta',
      citation: { type: 'web_search_result_location', encrypted_index: 'e', cited_text: 'x', ...page },
    },
  ),
  codex: event({
    type: 'response.output_item.done',
    ...{
      output_index: 8,
      item: {
        id: 'msg_9',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [
          {
            type: 'output_text',
            text: ' See there.',
            annotations: [{ type: 'url_citation', start_index: 0, end_index: 3, ...page }],
          },
        ],
      },
    },
  }),
}

const VENDORS = [
  ['claude', 'claude/claude-sonnet-4-5', { type: 'web_search_20250305', name: 'web_search' }],
  ['codex', 'codex/gpt-5.3-codex', { type: 'web_search' }],
  ['codex', 'codex/gpt-5.2', { type: 'web_search' }],
] as const

describe.each(VENDORS)('a search by %s (%s)', (kind, model, tool) => {
  it('tells what the answer rests on where Gemini CLI looks for it', async () => {
    const fake = everyone.fakes[kind]
    fake.say({ steps: [...SEARCHED[kind], { text: 'Found.' }, CITED[kind]] })
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
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [
      { type: 'text', text: 'I look.' },
      { ...use, input: { query: 'byok' } },
      result(page, other, page),
      { type: 'text', text: ' Found.' },
    ],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 12, server_tool_use: { web_search_requests: 1 } },
  }
  const vendor = await startFakeServer((_request, reply) => reply.json(200, message))
  const searching = await serveEveryone({ providers: { claude: { api_key: 'sk-ant-test', base_url: vendor.url } } })
  try {
    const { candidates, text } = await clientAt(searching.url).models.generateContent(
      asking('claude/claude-sonnet-4-5'),
    )
    expect(text).toBe('I look. Found.')
    expect(candidates?.[0]?.groundingMetadata).toEqual({
      webSearchQueries: ['byok'],
      groundingChunks: [page, other].map(({ url, title }) => ({ web: { uri: url, title } })),
    })
  } finally {
    await searching.close()
    await vendor.close()
  }
})

it('is told of no page where Claude’s search fails', async () => {
  const failed = { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' }
  const results = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: failed }
  everyone.fakes.claude.say({ steps: [block(20, use, query), block(21, results), { text: 'No luck.' }] })
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
