import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeProvider } from '../../src/testing/fake-server.ts'
import type { ScriptFailure } from '../../src/testing/script.ts'
import { startOpenAIChat } from './openai-chat.ts'

let fake: FakeProvider
let client: OpenAI

beforeEach(async () => {
  fake = await startOpenAIChat()
  client = new OpenAI({ apiKey: 'sk-test', baseURL: fake.url, maxRetries: 0 })
})
afterEach(() => fake.close())

const user = { role: 'user', content: 'Hi' } as const
const ask = { model: 'gpt-4o', messages: [user] }
const call = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
}

describe('answers', () => {
  it('whole and streamed alike', async () => {
    const script = {
      steps: [
        { reasoning: 'hidden' },
        { text: ['Hel', 'lo'] },
        { toolCall: { id: 'a', name: 'f', arguments: ['{"x"', ':1}'] } },
      ],
      usage: { input: 10, output: 5, cachedInput: 4, reasoning: 2 },
    }
    const expected = {
      choices: [
        {
          message: {
            content: 'Hello',
            tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 10,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    }
    fake.say(script)
    fake.say(script)
    fake.chunking = { size: 3 }
    const whole = await client.chat.completions.create(ask)
    const stream = client.chat.completions.stream({ ...ask, stream_options: { include_usage: true } })
    const streamed = await stream.finalChatCompletion()
    expect(whole).toMatchObject(expected)
    expect(streamed).toMatchObject(expected)
    expect(whole.choices[0]?.message).not.toHaveProperty('reasoning_content')
    expect(whole._request_id).toMatch(/^req_/)
  })

  it('with the models there are', async () => {
    const list = await client.models.list()
    expect(list.data.map(({ id }) => id)).toContain('gpt-4o')
    await expect(client.models.retrieve('none')).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  })

  it('with a connection that breaks', async () => {
    fake.say({ steps: [{ text: 'Hel' }, { cut: true }] })
    const stream = await client.chat.completions.create({ ...ask, stream: true })
    const reading = (async () => {
      for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk')
    })()
    await expect(reading).rejects.toThrow()
  })

  it.each<[ScriptFailure['kind'], number, string | null]>([
    ['invalid_key', 401, 'invalid_api_key'],
    ['not_found', 404, 'model_not_found'],
    ['rate_limit', 429, 'rate_limit_exceeded'],
    ['quota', 429, 'insufficient_quota'],
    ['context_length', 400, 'context_length_exceeded'],
    ['server_error', 500, null],
    ['overloaded', 503, null],
  ])('with %s', async (kind, status, code) => {
    fake.fail({ kind, retryAfter: 1.5 })
    const failed = await client.chat.completions.create(ask).catch((error: unknown) => error)
    expect(failed).toMatchObject({ status, code })
    expect(failed).toHaveProperty('headers', expect.any(Headers))
    expect((failed as InstanceType<typeof OpenAI.APIError>).headers?.get('retry-after-ms')).toBe('1500')
  })
})

describe('refuses', () => {
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${fake.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-test', 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const { error } = (await response.json()) as { error?: { message: string; param: string | null } }
    return { status: response.status, message: error?.message, param: error?.param }
  }
  const with_ = (fields: object) => ({ ...ask, ...fields })
  const says = (...messages: object[]) => ({ ...ask, messages })

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /could not parse/],
    ['no model', { messages: [user] }, /model parameter/],
    ['an unknown field', with_({ top_k: 1 }), /^Unrecognized request argument supplied: top_k$/],
    ['two unknown fields', with_({ top_k: 1, thinking: {} }), /arguments supplied: top_k, thinking/],
    ['no messages', { model: 'm' }, /Missing required parameter: 'messages'/],
    ['an unknown role', says({ role: 'bot', content: 'x' }), /Invalid value: 'bot'/],
    [
      'an unknown message field',
      says({ role: 'assistant', content: 'x', reasoning_content: 'y' }),
      /Unknown parameter: 'messages\[0\]\.reasoning_content'/,
    ],
    [
      'an image in a tool message',
      says(user, call, {
        role: 'tool',
        tool_call_id: 'a',
        content: [{ type: 'image_url', image_url: { url: 'https://a' } }],
      }),
      /'image_url'/,
    ],
    ['no content', says({ role: 'user', content: null }), /got null/],
    [
      'a result without a call',
      says(user, { role: 'tool', tool_call_id: 'a', content: 'x' }),
      /must be a response to a preceeding message/,
    ],
    [
      'a result of another call',
      says(user, call, { role: 'tool', tool_call_id: 'b', content: 'x' }),
      /must be a response/,
    ],
    ['a call without a result', says(user, call, user), /must be followed by tool messages/],
    ['tools without any', with_({ tools: [] }), /empty array/],
    ['a choice without tools', with_({ tool_choice: 'auto' }), /only allowed when 'tools'/],
    ['a tool without a name', with_({ tools: [{ type: 'function', function: {} }] }), /Missing required parameter/],
    [
      'stream options without a stream',
      with_({ stream_options: { include_usage: true } }),
      /only allowed when 'stream'/,
    ],
    ['both limits', with_({ max_tokens: 1, max_completion_tokens: 1 }), /at the same time/],
  ])('%s', async (_, body, message) => {
    expect(await post(body)).toMatchObject({ status: 400, message: expect.stringMatching(message) })
  })

  it('a missing and a wrong key, and another content type', async () => {
    expect(await post(ask, { authorization: '' })).toMatchObject({
      status: 401,
      message: expect.stringMatching(/didn't provide/),
    })
    expect(await post(ask, { authorization: 'Bearer sk-other' })).toMatchObject({ status: 401 })
    expect(await post(ask, { 'content-type': 'text/plain' })).toMatchObject({
      status: 400,
      message: expect.stringMatching(/content type/),
    })
  })

  it('nothing of what is good', async () => {
    const good = says(user, call, { role: 'tool', tool_call_id: 'a', content: 'x' }, user)
    expect(await post(good)).toMatchObject({ status: 200 })
  })
})
