import { expect, it } from 'vitest'
import type { ChatRequest } from '../../../src/core/chat/index.ts'
import { translator } from '../../../src/plugins/copilot/translator.ts'

const call = { id: 'c1', type: 'function', function: { name: 'look_up', arguments: '{}' } }
const answer = (...choices: object[]) => ({
  id: 'x',
  object: 'chat.completion',
  choices,
  usage: { prompt_tokens: 1, completion_tokens: 2 },
})
const decoded = (body: unknown) =>
  translator({ model: 'claude-sonnet-4', credential: {} as never, config: {} as never }).answer?.(body)

it('reads text and tool calls in separate choices as one answer', () => {
  const events = decoded(
    answer(
      { index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: 'Let me see.' } },
      { finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: [call] } },
    ),
  )
  expect(events?.map(({ type }) => type)).toEqual(['start', 'text', 'tool-call', 'tool-call-delta', 'usage', 'finish'])
  expect(events?.every((event) => !('choice' in event))).toBe(true)
})

it('refuses more than one answer, which could not be told apart', () => {
  const { request } = translator({ model: 'claude-sonnet-4', credential: {} as never, config: {} as never })
  const chat: ChatRequest = { model: 'claude-sonnet-4', messages: [], stream: false, n: 2 }
  expect(() => request(chat)).toThrow(expect.objectContaining({ status: 400, param: 'n' }))
  expect(request({ ...chat, n: 1 })).toMatchObject({ model: 'claude-sonnet-4' })
})

it('leaves one choice as it is', () => {
  const events = decoded(answer({ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello' } }))
  expect(events).toContainEqual({ type: 'text', text: 'Hello' })
})
