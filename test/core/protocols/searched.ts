/* What the fakes say of a search of the web beside the words of their answers, streamed. */

import { startFakeServer } from '../../../src/testing/fake-server.ts'
import { KEYS, withEveryone } from '../../conformance/providers.ts'

export interface Raw {
  raw: string
}

export const PAGE = { url: 'https://byok.test/', title: 'Bring your own key' }

export const event = (value: { type: string }): Raw => ({
  raw: `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`,
})

/** A block as Claude streams it, away from the places of the fake's own. */
export const block = (index: number, content_block: object, ...deltas: object[]): Raw => ({
  raw: [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
    .map((value) => event(value).raw)
    .join(''),
})

/** As `ServerToolUseBlock` of @anthropic-ai/sdk is begun, and how its input follows. */
export const USE = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }
export const QUERY = { type: 'input_json_delta', partial_json: '{"query":"byok"}' }

/** `WebSearchToolResultBlock`. */
export const resultOf = (...found: object[]) => ({
  type: 'web_search_tool_result',
  tool_use_id: 'srvtoolu_1',
  content: found.map((one) => ({ type: 'web_search_result', encrypted_content: 'e', page_age: null, ...one })),
})

/** A whole answer of Claude's that found the same page twice. */
const CLAUDE_MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [
    { type: 'text', text: 'I look.' },
    { ...USE, input: { query: 'byok' } },
    resultOf(PAGE, PAGE),
    { type: 'text', text: ' Found.' },
  ],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 9, output_tokens: 12, server_tool_use: { web_search_requests: 1 } },
}

/** A byok whose Claude answers {@link CLAUDE_MESSAGE}, by its address. */
export async function withClaudeSearched(work: (url: string) => Promise<void>): Promise<void> {
  const vendor = await startFakeServer((_request, reply) => reply.json(200, CLAUDE_MESSAGE))
  try {
    const claude = { api_key: KEYS.claude, base_url: vendor.url }
    await withEveryone(({ url }) => work(url), { providers: { claude } })
  } finally {
    await vendor.close()
  }
}

export const CLAUDE_SEARCHED = <Step>(words: Step): (Step | Raw)[] => [
  block(20, USE, QUERY),
  block(21, resultOf(PAGE, PAGE)),
  words,
]

/** OpenAI's search, with the citations of its words. */
export const OPENAI_SEARCHED = <Step>(words: Step): (Step | Raw)[] => [
  event({
    type: 'response.output_item.done',
    ...{
      output_index: 7,
      item: { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'byok' } },
    },
  }),
  words,
  // A message that cites, in whole.
  event({
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
            annotations: [{ type: 'url_citation', start_index: 0, end_index: 3, ...PAGE }],
          },
        ],
      },
    },
  }),
]

const GEMINI_FOUND = {
  candidates: [
    {
      index: 0,
      groundingMetadata: {
        webSearchQueries: ['byok'],
        groundingChunks: [{ web: { uri: PAGE.url, title: PAGE.title } }, { web: { uri: PAGE.url, title: 'Twice' } }],
      },
    },
  ],
}

const geminiSearched =
  (found: object) =>
  <Step>(words: Step): (Step | Raw)[] => [words, { raw: `data: ${JSON.stringify(found)}\n\n` }]

export const GEMINI_SEARCHED = geminiSearched(GEMINI_FOUND)

/** In the envelope of Code Assist, and of Antigravity. */
export const CODE_ASSIST_SEARCHED = geminiSearched({ response: GEMINI_FOUND })
