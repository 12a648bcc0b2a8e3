import { describe, expect, it } from 'vitest'
import { AnswerBuilder } from '../../../src/core/chat/index.ts'
import { geminiGenerateContent } from '../../../src/core/protocols/gemini/index.ts'
import { openaiChat } from '../../../src/core/protocols/openai-chat/index.ts'
import { openaiResponses } from '../../../src/core/protocols/openai-responses/index.ts'
import type { Translator } from '../../../src/core/translator/translator.ts'

function answerOf(translator: Translator, ...messages: object[]) {
  const decoder = translator.events()
  const builder = new AnswerBuilder()
  for (const message of messages)
    for (const event of decoder.push({ data: JSON.stringify(message) })) builder.push(event)
  return builder.answer
}

const WRONG = [4_000_000_000, 128, 0.5, -1]
const chunk = (index: number) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index, delta: { role: 'assistant', content: 'hi' }, finish_reason: null }],
})
const candidate = (index: number) => ({ candidates: [{ index, content: { role: 'model', parts: [{ text: 'hi' }] } }] })

// Room is made for every choice up to the highest, so one number could take all the memory there is.
describe('the place of a choice', () => {
  it.each(WRONG)('is none of an answer of OpenAI’s: %s', (index) => {
    expect(() => answerOf(openaiChat(), chunk(index))).toThrow(expect.objectContaining({ status: 502 }))
  })

  it.each(WRONG)('is none of an answer of Gemini’s: %s', (index) => {
    expect(() => answerOf(geminiGenerateContent(), candidate(index))).toThrow(expect.objectContaining({ status: 502 }))
  })

  it('may be any of 128', () => {
    expect(answerOf(openaiChat(), chunk(127)).choices).toHaveLength(128)
    expect(answerOf(geminiGenerateContent(), candidate(2)).choices).toHaveLength(3)
  })
})

describe('items of OpenAI’s Responses that have the same place', () => {
  const call = { id: 'i2', type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' }

  it('are told apart by their kind', () => {
    const answer = answerOf(
      openaiResponses(),
      { type: 'response.output_text.delta', delta: 'hi' },
      { type: 'response.function_call_arguments.delta', delta: '{"a"' },
      { type: 'response.output_item.done', item: call },
    )
    expect(answer.choices[0]?.content).toEqual([
      { type: 'text', text: 'hi' },
      expect.objectContaining({ type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}' }),
    ])
  })

  it('may be those of a call, then of a text', () => {
    const answer = answerOf(
      openaiResponses(),
      { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } },
      { type: 'response.function_call_arguments.delta', output_index: 1, delta: '{}' },
      { type: 'response.output_text.delta', output_index: 1, delta: 'hi' },
    )
    expect(answer.choices[0]?.content).toMatchObject([{ arguments: '{}' }, { text: 'hi' }])
  })
})
