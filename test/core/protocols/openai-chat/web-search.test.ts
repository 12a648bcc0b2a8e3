import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions'
import { describe, expect, it } from 'vitest'
import { openaiAt, openaiForEveryone } from '../../../conformance/openai-client.ts'
import { block, CLAUDE_SEARCHED, GEMINI_SEARCHED, OPENAI_SEARCHED, PAGE, withClaudeSearched } from '../searched.ts'

/* `web_search_options` of Chat Completions, in front of vendors that search the web themselves. */

const { everyone, client } = await openaiForEveryone()

type Options = NonNullable<ChatCompletionCreateParamsNonStreaming['web_search_options']>

const asking = (model: string, options: Options = {}) => ({
  model,
  messages: [{ role: 'user' as const, content: 'What is byok?' }],
  web_search_options: options,
})

const look = {
  type: 'function' as const,
  function: { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } },
}
const approximate = { city: 'Riga', country: 'LV', timezone: 'Europe/Riga' }
const riga = { user_location: { type: 'approximate' as const, approximate } }

async function streamed(request: ReturnType<typeof asking> & { n?: number }) {
  return (await client.chat.completions.stream({ ...request, stream: true }).finalChatCompletion()).choices
}

/** Citations at the end of a text. */
const cited = (text: string) => [
  { type: 'url_citation', url_citation: { ...PAGE, start_index: text.length, end_index: text.length } },
]

const CLAUDE = [
  'claude',
  'claude/claude-sonnet-4-5',
  CLAUDE_SEARCHED,
  { type: 'web_search_20250305', name: 'web_search' },
] as const
const OPENAI = ['codex', 'codex/gpt-5.2', OPENAI_SEARCHED, { type: 'web_search' }] as const
const GEMINI = ['gemini', 'gemini/gemini-2.5-flash', GEMINI_SEARCHED, { googleSearch: {} }] as const

describe.each([CLAUDE, OPENAI, GEMINI])('a search by %s (%s)', (kind, model, searched, tool) => {
  const fake = everyone.fakes[kind]
  const text = kind === 'codex' ? 'Found. See there.' : 'Found.'
  const sent = () => fake.requests.at(-1)?.json as { tools?: unknown[] }

  it('is told as citations, streamed', async () => {
    fake.say({ steps: searched({ text: 'Found.' }) })
    const choices = await streamed(asking(model, { search_context_size: 'low' }))
    expect(choices).toMatchObject([{ message: { content: text, annotations: cited(text) }, finish_reason: 'stop' }])
    expect(sent().tools).toEqual([tool])
    expect(sent()).not.toHaveProperty('web_search_options')
  })

  it('that was not made is answered with words alone', async () => {
    fake.say({ steps: [{ text: 'Hello.' }] })
    const { choices } = await client.chat.completions.create(asking(model))
    expect(choices[0]?.message.content).toBe('Hello.')
    expect(choices[0]?.message.annotations ?? []).toEqual([])
  })

  it('is not offered where no tool may be called', async () => {
    fake.say({ steps: [{ text: 'Hello.' }] })
    await client.chat.completions.create({ ...asking(model), tool_choice: 'none' })
    expect(sent()).not.toHaveProperty('tools')
  })

  it('is gone on with', async () => {
    fake.say({ steps: searched({ text: 'Found.' }) })
    const choices = await streamed(asking(model))
    fake.say({ steps: [{ text: 'More.' }] })
    const { messages, ...more } = asking(model)
    const said = choices.map(({ message }) => message)
    const next = [...messages, ...said, { role: 'user' as const, content: 'Go on.' }]
    const answer = await client.chat.completions.create({ ...more, messages: next })
    expect(answer.choices[0]?.message.content).toBe('More.')
    expect(JSON.stringify(sent())).toContain('Found.')
    expect(JSON.stringify(sent())).not.toContain('url_citation')
  })
})

describe.each([CLAUDE, OPENAI])('a search by %s (%s), which takes more', (kind, model, searched, tool) => {
  const fake = everyone.fakes[kind]

  it('is told where the user is', async () => {
    fake.say({ steps: [{ text: 'Hello.' }] })
    await client.chat.completions.create(asking(model, riga))
    const place = { type: 'approximate', ...approximate }
    expect(fake.requests.at(-1)?.json).toMatchObject({ tools: [{ ...tool, user_location: place }] })
  })

  it('stands beside the client’s own tools', async () => {
    fake.say({
      steps: [...searched({ text: 'Found.' }), { toolCall: { id: 'call_1', name: 'look', arguments: '{}' } }],
    })
    const request = { ...asking(model), tools: [look], tool_choice: 'auto' as const }
    const choices = await streamed(request)
    expect(choices).toMatchObject([
      {
        finish_reason: 'tool_calls',
        message: { annotations: [{ url_citation: PAGE }], tool_calls: [{ function: { name: 'look' } }] },
      },
    ])
    expect(fake.requests.at(-1)?.json).toMatchObject({ tools: [{ name: 'look' }, tool] })
  })
})

it.each([CLAUDE, GEMINI])('is refused for what %s is not told', async (_, model) => {
  const unknown = asking(model, { newer: true } as Options)
  await expect(client.chat.completions.create(unknown)).rejects.toThrow(/web_search_options/)
})

it('Google’s search is refused beside the client’s own tools, which its models do not have both of', async () => {
  const request = { ...asking('gemini/gemini-2.5-flash'), tools: [look] }
  await expect(client.chat.completions.create(request)).rejects.toThrow(/web_search_options/)
})

it('is cited at the end of all that was said, where Claude thought between two texts', async () => {
  everyone.fakes.claude.say({
    steps: [
      { text: 'First.' },
      block(30, { type: 'thinking', thinking: '', signature: '' }, { type: 'thinking_delta', thinking: 'Well.' }),
      ...CLAUDE_SEARCHED({ text: 'Found.' }),
    ],
  })
  const choices = await streamed(asking('claude/claude-sonnet-4-5'))
  const { content } = choices[0]?.message ?? {}
  expect(choices[0]?.message.annotations).toEqual(cited(content ?? ''))
})

it('is told of each choice by itself', async () => {
  const pages = [
    { url: 'https://a.byok.test/', title: 'A' },
    { url: 'https://b.byok.test/', title: 'B' },
  ]
  const texts = ['First.', 'The second.']
  const candidates = pages.map(({ url, title }, index) => ({
    index,
    content: { role: 'model', parts: [{ text: texts[index] }] },
    finishReason: 'STOP',
    groundingMetadata: { webSearchQueries: [title], groundingChunks: [{ web: { uri: url, title } }] },
  }))
  const { fakes } = everyone
  fakes.gemini.say({ steps: [{ raw: `data: ${JSON.stringify({ candidates })}\n\n` }] })
  const choices = await streamed({ ...asking('gemini/gemini-2.5-flash'), n: 2 })
  expect(choices.map(({ message }) => message.annotations)).toEqual(
    pages.map((page, index) => {
      const end = texts[index]?.length
      return [{ type: 'url_citation', url_citation: { ...page, start_index: end, end_index: end } }]
    }),
  )
})

it('is told of a whole answer too', async () => {
  await withClaudeSearched(async (url) => {
    const { choices } = await openaiAt(url).chat.completions.create(asking('claude/claude-sonnet-4-5'))
    expect(choices).toMatchObject([{ message: { content: 'I look. Found.', annotations: cited('I look. Found.') } }])
  })
})

it('is left to a model of OpenAI’s that searches in Chat Completions itself', async () => {
  everyone.fakes.codex.say({ steps: [{ text: 'Found.' }] })
  await client.chat.completions.create(asking('codex/gpt-5-search-api', riga))
  expect(everyone.fakes.codex.requests.at(-1)?.json).toMatchObject({ web_search_options: riga })
})
