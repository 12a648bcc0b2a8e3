import type { Response, ResponseCreateParamsStreaming } from 'openai/resources/responses/responses'
import { describe, expect, it } from 'vitest'
import { openaiAt, openaiForEveryone } from '../../../conformance/openai-client.ts'
import { openaiResponsesProtocol } from '../../../../src/core/protocols/openai-responses/index.ts'
import { chatGpt } from '../../../../src/plugins/codex/translator.ts'
import { block, CLAUDE_SEARCHED, GEMINI_SEARCHED, PAGE, withClaudeSearched } from '../searched.ts'

/* Requests of Responses that are nothing but a search of the web, in front of vendors that search themselves. */

const { everyone, client } = await openaiForEveryone()

const asked = { input: 'What is byok?', tools: [{ type: 'web_search' as const }] }

const VENDORS = [
  ['claude', 'claude/claude-sonnet-4-5', CLAUDE_SEARCHED, { type: 'web_search_20250305', name: 'web_search' }],
  ['gemini', 'gemini/gemini-2.5-flash', GEMINI_SEARCHED, { googleSearch: {} }],
] as const

/** The answer of a stream, as it comes last. */
async function completed(model: string, more: Partial<ResponseCreateParamsStreaming> = {}): Promise<Response> {
  let last: Response | undefined
  for await (const event of await client.responses.create({ ...asked, model, ...more, stream: true }))
    if (event.type === 'response.completed') last = event.response
  if (!last) throw new Error('it was not completed')
  return last
}

/** What the answer ends with: its citations at the end of its words, then the search. */
function expectFound({ output }: Response, text = 'Found.'): void {
  const annotations = [{ type: 'url_citation', ...PAGE, start_index: text.length, end_index: text.length }]
  expect(output).toMatchObject([
    { type: 'message', content: [{ type: 'output_text', text, annotations }] },
    {
      type: 'web_search_call',
      id: expect.stringMatching(/^ws_/) as string,
      status: 'completed',
      action: { type: 'search', query: 'byok', queries: ['byok'] },
    },
  ])
}

describe.each(VENDORS)('a search by %s', (kind, model, searched, tool) => {
  const say = () => everyone.fakes[kind].say({ steps: searched({ text: 'Found.' }) })

  it('is told as citations and a call, streamed', async () => {
    say()
    const stream = client.responses.stream({ ...asked, model })
    const kinds = new Set<string>()
    for await (const { type } of stream) kinds.add(type)
    expectFound(await stream.finalResponse())
    expect([...kinds]).toContain('response.output_text.annotation.added')
    const body = everyone.fakes[kind].requests.at(-1)?.json
    expect(body).toMatchObject({ tools: [tool] })
  })

  it('is left to the model where it must be called', async () => {
    say()
    expectFound(await completed(model, { tool_choice: 'required' }))
    const body = everyone.fakes[kind].requests.at(-1)?.json
    expect(body).not.toHaveProperty('tool_choice')
    expect(body).not.toHaveProperty('toolConfig')
  })

  it('is not offered where no tool may be called', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'Hello.' }] })
    await client.responses.create({ ...asked, model, tool_choice: 'none' })
    const body = everyone.fakes[kind].requests.at(-1)?.json
    expect(body).not.toHaveProperty('tools')
    expect(body).not.toHaveProperty('tool_choice')
  })

  it.each(['claude/claude-sonnet-4-5', 'codex/gpt-5.2', 'gemini/gemini-2.5-flash', 'kimi/kimi-for-coding'])(
    'is gone on with by %s',
    async (next) => {
      say()
      const { output } = await completed(model)
      const other = everyone.fakes[next.slice(0, next.indexOf('/')) as 'claude']
      other.say({ steps: [{ text: 'More.' }] })
      const input = [
        { role: 'user' as const, content: asked.input },
        ...output.filter((item) => item.type === 'message' || item.type === 'web_search_call'),
        { role: 'user' as const, content: 'Go on.' },
      ]
      const answer = await client.responses.create({ model: next, input, store: false })
      expect(answer.output_text).toBe('More.')
      const sent = JSON.stringify(other.requests.at(-1)?.json)
      expect(sent).toContain('Found.')
      // OpenAI did not make it.
      expect(sent).not.toContain('"ws_')
    },
  )

  it('is gone on with by OpenAI from where byok keeps it', async () => {
    say()
    const { id } = await completed(model, { store: true })
    everyone.fakes.codex.say({ steps: [{ text: 'More.' }] })
    await client.responses.create({ model: 'codex/gpt-5.2', input: 'Go on.', previous_response_id: id })
    const sent = JSON.stringify(everyone.fakes.codex.requests.at(-1)?.json)
    expect(sent).toContain('Found.')
    expect(sent).not.toContain('web_search_call')
  })

  it('is refused for what the vendor is not told', async () => {
    const within = { type: 'web_search' as const, search_content_types: ['image' as const] }
    await expect(client.responses.create({ ...asked, model, tools: [within] })).rejects.toThrow(
      /does not support the tool `web_search`/,
    )
  })
})

it('is cited by a text that ends with Gemini’s proof of it, which is an item of its own', async () => {
  const proof = { candidates: [{ index: 0, content: { parts: [{ text: '', thoughtSignature: 'c2ln' }] } }] }
  const steps = GEMINI_SEARCHED({ text: 'Found.' })
  everyone.fakes.gemini.say({ steps: [...steps, { raw: `data: ${JSON.stringify(proof)}\n\n` }] })
  const { output } = await completed('gemini/gemini-2.5-flash')
  expect(output.map(({ type }) => type)).toEqual(['message', 'reasoning', 'web_search_call'])
  expect(output[0]).toMatchObject({ content: [{ text: 'Found.', annotations: [{ ...PAGE, start_index: 6 }] }] })
})

it('is cited at the end of the last text, where Claude thought between two', async () => {
  const thinking = { type: 'thinking', thinking: 'Hm.', signature: 's' }
  everyone.fakes.claude.say({
    steps: [{ text: 'I look.' }, block(19, thinking), ...CLAUDE_SEARCHED({ text: 'Found.' })],
  })
  const { output } = await completed('claude/claude-sonnet-4-5')
  expect(output.map(({ type }) => type)).toEqual(['message', 'reasoning', 'message', 'web_search_call'])
  expect(output[0]).toMatchObject({ content: [{ text: 'I look.', annotations: [] }] })
  expect(output[2]).toMatchObject({ content: [{ text: 'Found.', annotations: [{ ...PAGE, start_index: 6 }] }] })
})

it('counts the domains that alone count: for Claude, and refused for Gemini', async () => {
  const tools = [{ type: 'web_search' as const, filters: { allowed_domains: ['a.test'] } }]
  everyone.fakes.claude.say({ steps: [{ text: 'Found.' }] })
  await client.responses.create({ ...asked, tools, model: 'claude/claude-sonnet-4-5' })
  expect(everyone.fakes.claude.requests.at(-1)?.json).toMatchObject({ tools: [{ allowed_domains: ['a.test'] }] })
  await expect(client.responses.create({ ...asked, tools, model: 'gemini/gemini-2.5-flash' })).rejects.toThrow(
    /allowed_domains/,
  )
})

it('tells Claude where the user is in its own words, and needs no word of live access', async () => {
  const search = { type: 'web_search', external_web_access: true, user_location: { country: 'DE' } } as const
  everyone.fakes.claude.say({ steps: [{ text: 'Found.' }] })
  await client.responses.create({ ...asked, tools: [search], model: 'claude/claude-sonnet-4-5' })
  expect(everyone.fakes.claude.requests.at(-1)?.json).toHaveProperty('tools', [
    { type: 'web_search_20250305', name: 'web_search', user_location: { type: 'approximate', country: 'DE' } },
  ])
  const kept = { ...search, external_web_access: false }
  const asking = client.responses.create({ ...asked, tools: [kept], model: 'claude/claude-sonnet-4-5' })
  await expect(asking).rejects.toThrow(/does not support the tool `web_search`/)
})

it('is told of an answer in whole', async () => {
  await withClaudeSearched(async (url) => {
    const answer = await openaiAt(url).responses.create({ ...asked, model: 'claude/claude-sonnet-4-5' })
    expectFound(answer, 'I look. Found.')
  })
})

it('is not shown to ChatGPT, which is sent what was translated', () => {
  const call = { id: `ws_${'a'.repeat(32)}`, type: 'web_search_call', status: 'completed', action: { type: 'search' } }
  const said = {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'Found.', annotations: [] }],
  }
  const input = [said, call, { role: 'user', content: 'Go on.' }]
  const chat = openaiResponsesProtocol.decode({ model: 'gpt-5.2', store: false, input })
  expect(chatGpt.request(chat)).toMatchObject({ input: [{ role: 'assistant' }, { role: 'user' }] })
})
