import assert from 'node:assert/strict'
import { messageOf } from '../answer.ts'
import type { ConformanceCase, Message } from '../case.ts'
import { assertInOrder } from '../expect.ts'
import { question, weather } from './tools.ts'

/** A PNG of one pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } } as const

export const vision: ConformanceCase = {
  id: 'vision',
  title: 'Image',
  async run({ ask, sent }) {
    const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, image] }]
    const answer = await ask({ steps: [{ text: 'A pixel.' }] }, { messages })
    assert.equal(answer.text, 'A pixel.')
    assertInOrder(sent(), ['What is this?'])
    assertInOrder(sent(), [PNG])
  },
}

export const toolImage: ConformanceCase = {
  id: 'tool-image',
  title: 'Tool result with an image',
  async run({ ask, sent }) {
    const arguments_ = '{"city":"Rome"}'
    const script = { steps: [{ toolCall: { id: 'call_1', name: 'get_weather', arguments: arguments_ } }] }
    const first = await ask(script, { messages: [question], tools: [weather] })
    const result = {
      role: 'tool',
      tool_call_id: first.calls[0]?.id ?? '',
      // OpenAI's own type has text alone here; clients of several providers send images all the same.
      content: [{ type: 'text', text: 'A photo of Rome:' }, image],
    } as unknown as Message
    const messages = [question, messageOf(first), result]
    const second = await ask({ steps: [{ text: 'It looks sunny.' }] }, { messages, tools: [weather] })
    assert.equal(second.text, 'It looks sunny.')
    assertInOrder(sent(), ['A photo of Rome:'])
    assertInOrder(sent(), [PNG])
  },
}
