import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Everyone } from '../../../conformance/providers.ts'
import { serveEveryone } from '../../../conformance/providers.ts'
import { GEMINI_SEARCHED, OPENAI_SEARCHED, PAGE } from '../searched.ts'

/* Requests that are nothing but a search of the web, as Claude Code's `WebSearch` makes them, in front of vendors that search themselves. */

let everyone: Everyone
let client: Anthropic

beforeAll(async () => {
  everyone = await serveEveryone()
  client = new Anthropic({ baseURL: everyone.url, apiKey: 'unused', authToken: null, maxRetries: 0 })
})
afterAll(() => everyone.close())

const asked: Anthropic.MessageCreateParamsNonStreaming = {
  model: '',
  max_tokens: 1000,
  system: 'You are an assistant for performing a web search tool use',
  messages: [{ role: 'user', content: 'Perform a web search for the query: byok' }],
  thinking: { type: 'disabled' },
  tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }],
  tool_choice: { type: 'tool', name: 'web_search' },
}

const VENDORS = [
  ['codex', 'codex/gpt-5.3-codex', OPENAI_SEARCHED({ text: 'Found.' }), { type: 'web_search' }],
  ['codex', 'codex/gpt-5.2', OPENAI_SEARCHED({ text: 'Found.' }), { type: 'web_search' }],
  ['gemini', 'gemini/gemini-2.5-flash', GEMINI_SEARCHED({ text: 'Found.' }), { googleSearch: {} }],
] as const

describe.each(VENDORS)('a search by %s (%s)', (kind, model, steps, tool) => {
  it('tells what was found where Claude Code looks for it', async () => {
    const fake = everyone.fakes[kind]
    fake.say({ steps: [...steps] })
    const { content } = await client.messages.stream({ ...asked, model }).finalMessage()
    expect(content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/^Found\./) })
    const [use, result] = content.slice(-2)
    if (use?.type !== 'server_tool_use') throw new Error('there is no search')
    expect(use).toMatchObject({ name: 'web_search', input: { query: 'byok' } })
    expect(result).toMatchObject({
      type: 'web_search_tool_result',
      tool_use_id: use.id,
      content: [{ type: 'web_search_result', ...PAGE }],
    })
    const body = fake.requests.at(-1)?.json as Record<string, unknown>
    expect(body['tools']).toEqual([tool])
    expect(body).not.toHaveProperty('tool_choice')
    expect(body).not.toHaveProperty('toolConfig')
  })

  it.each(['claude/claude-sonnet-4-5', 'codex/gpt-5.2', 'gemini/gemini-2.5-flash', 'kimi/kimi-for-coding'])(
    'is gone on with by %s, in words',
    async (next) => {
      everyone.fakes[kind].say({ steps: [...steps] })
      const { content } = await client.messages.stream({ ...asked, model }).finalMessage()
      const messages: Anthropic.MessageParam[] = [
        ...asked.messages,
        { role: 'assistant', content },
        { role: 'user', content: 'Go on.' },
      ]
      const other = everyone.fakes[next.slice(0, next.indexOf('/')) as 'claude']
      other.say({ steps: [{ text: 'More.' }] })
      const answer = await client.messages.create({ model: next, max_tokens: 1000, messages })
      expect(answer.content).toMatchObject([{ type: 'text', text: 'More.' }])
      const sent = JSON.stringify(other.requests.at(-1)?.json)
      expect(sent).toContain(PAGE.url)
      // Anthropic refuses a result whose content it has not encrypted itself.
      expect(sent).not.toMatch(/"type":"(?:server_tool_use|web_search_tool_result)"/)
    },
  )

  it('that finds nothing is answered with words alone', async () => {
    everyone.fakes[kind].say({ steps: [{ text: 'Nothing.' }] })
    const { content, stop_reason } = await client.messages.create({ ...asked, model })
    expect(content).toMatchObject([{ type: 'text', text: 'Nothing.' }])
    expect(stop_reason).toBe('end_turn')
  })

  it('is told of the domains that count, or refused for those that the vendor cannot', async () => {
    const fake = everyone.fakes[kind]
    const within = (domains: { allowed_domains: string[] } | { blocked_domains: string[] }) =>
      client.messages.create({
        ...asked,
        model,
        tools: [{ type: 'web_search_20250305', name: 'web_search', ...domains }],
      })
    await expect(within({ blocked_domains: ['a.test'] })).rejects.toThrow(/blocked_domains/)
    const allowing = { allowed_domains: ['a.test'] }
    if (kind === 'gemini') return await expect(within(allowing)).rejects.toThrow(/allowed_domains/)
    fake.say({ steps: [{ text: 'Found.' }] })
    await within(allowing)
    expect(fake.requests.at(-1)?.json).toMatchObject({ tools: [{ filters: { allowed_domains: ['a.test'] } }] })
  })
})

it('is refused where the vendor has none', async () => {
  await expect(client.messages.create({ ...asked, model: 'kimi/kimi-for-coding' })).rejects.toThrow(
    /does not support the tool `web_search_20250305`/,
  )
})
