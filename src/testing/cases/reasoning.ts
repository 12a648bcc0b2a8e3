import assert from 'node:assert/strict'
import { messageOf } from '../answer.ts'
import type { ConformanceCase, Message } from '../case.ts'
import { assertInOrder } from '../expect.ts'
import { question, weather } from './tools.ts'

let count = 0

/** Reasoning that leads to a tool call, back with the tool's result, and once more in the turn after. */
export const reasoning: ConformanceCase = {
  id: 'reasoning',
  title: 'Reasoning, kept over turns',
  async run({ ask, sent, traits }) {
    const { reasoning: kept = 'hidden' } = traits
    const signature = Buffer.from(`the proof of thought number ${++count}`).toString('base64')
    const proven = kept === 'signed' || kept === 'sealed' ? [signature] : []
    const body = { tools: [weather], reasoning_effort: 'high' as const }
    const first = await ask(
      {
        steps: [
          { reasoning: ['Which ', 'city?'], signature },
          { toolCall: { id: 'call_1', name: 'get_weather', arguments: '{"city":"Rome"}' } },
        ],
        usage: { input: 20, output: 30, reasoning: 12 },
      },
      { ...body, messages: [question] },
    )
    assert.equal(first.reasoning, kept === 'signed' || kept === 'plain' ? 'Which city?' : '')
    assert.equal(first.finish, 'tool_calls')
    assert.equal(first.calls[0]?.name, 'get_weather')

    const result: Message = { role: 'tool', tool_call_id: first.calls[0]?.id ?? '', content: 'Sunny.' }
    const past = [question, messageOf(first), result]
    const second = await ask({ steps: [{ text: 'It is sunny.' }] }, { ...body, messages: past })
    assert.equal(second.text, 'It is sunny.')
    assertInOrder(sent(), proven)
    if (kept === 'plain') assertInOrder(sent(), ['Which city?'])

    const messages: Message[] = [...past, messageOf(second), { role: 'user', content: 'And tomorrow?' }]
    const third = await ask({ steps: [{ text: 'Sunny too.' }] }, { ...body, messages })
    assert.equal(third.text, 'Sunny too.')
    assertInOrder(sent(), ['And tomorrow?'])
  },
}
