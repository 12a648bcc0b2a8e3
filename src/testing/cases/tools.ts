import assert from 'node:assert/strict'
import type OpenAI from 'openai'
import { messageOf } from '../answer.ts'
import type { Body, CaseContext, ConformanceCase, Message } from '../case.ts'
import { assertDiffer, assertInOrder } from '../expect.ts'
import type { Script } from '../script.ts'

export const weather: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Tells the weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', description: 'The name of it.' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
}

export const question: Message = { role: 'user', content: 'How is the weather?' }

const call = (id: string, city: string) => ({
  toolCall: { id, name: 'get_weather', arguments: ['{"ci', `ty":"${city}`, '"}'] },
})

/** What calls say, whatever the spaces in their JSON. */
const said = (calls: { name: string; arguments: string }[]) =>
  calls.map(({ name, arguments: json }) => [name, JSON.parse(json) as unknown])

export const toolCall: ConformanceCase = {
  id: 'tool-call',
  title: 'Tool call',
  async run({ ask, sent }) {
    const first = await ask({ steps: [call('call_1', 'Rome')] }, { messages: [question], tools: [weather] })
    assert.deepEqual(said(first.calls), [['get_weather', { city: 'Rome' }]])
    assert.notEqual(first.calls[0]?.id, '')
    assert.equal(first.finish, 'tool_calls')
    assertInOrder(sent(), ['Tells the weather of a city.'])
    assertInOrder(sent(), ['The name of it.'])
    const result: Message = { role: 'tool', tool_call_id: first.calls[0]?.id ?? '', content: 'Sunny in Rome.' }
    const messages = [question, messageOf(first), result]
    const second = await ask({ steps: [{ text: 'It is sunny.' }] }, { messages, tools: [weather] })
    assert.equal(second.text, 'It is sunny.')
    assert.equal(second.finish, 'stop')
    assertInOrder(sent(), ['How is the weather?', 'Sunny in Rome.'])
  },
}

export const parallelTools: ConformanceCase = {
  id: 'parallel-tools',
  title: 'Parallel tool calls',
  async run({ ask, sent }) {
    const script: Script = { steps: [{ text: 'I look.' }, call('call_1', 'Rome'), call('call_2', 'Oslo')] }
    const first = await ask(script, { messages: [question], tools: [weather] })
    assert.equal(first.text, 'I look.')
    assert.deepEqual(said(first.calls), [
      ['get_weather', { city: 'Rome' }],
      ['get_weather', { city: 'Oslo' }],
    ])
    assert.equal(new Set(first.calls.map(({ id }) => id)).size, 2, 'each call has an id of its own')
    const results = first.calls.map(({ id }, index): Message => ({
      role: 'tool',
      tool_call_id: id,
      content: index === 0 ? 'Sunny.' : 'Snowy.',
    }))
    const messages = [question, messageOf(first), ...results]
    const second = await ask({ steps: [{ text: 'Sunny and snowy.' }] }, { messages, tools: [weather] })
    assert.equal(second.text, 'Sunny and snowy.')
    assertInOrder(sent(), ['Rome', 'Oslo'])
    assertInOrder(sent(), ['Sunny.', 'Snowy.'])
  },
}

/** Asks with a choice and without: it must make a difference to the vendor. */
async function choose({ ask, sent }: CaseContext, script: Script, choice: Body['tool_choice']) {
  await ask(script, { messages: [question], tools: [weather] })
  const free = sent()
  const answer = await ask(script, { messages: [question], tools: [weather], tool_choice: choice })
  assertDiffer(free, sent(), 'the choice reaches the vendor')
  return answer
}

export const requiredTool: ConformanceCase = {
  id: 'required-tool',
  title: 'Some tool forced',
  async run(context) {
    const answer = await choose(context, { steps: [call('call_1', 'Rome')] }, 'required')
    assert.deepEqual(said(answer.calls), [['get_weather', { city: 'Rome' }]])
    assert.equal(answer.finish, 'tool_calls')
  },
}

export const namedTool: ConformanceCase = {
  id: 'named-tool',
  title: 'One tool forced',
  async run(context) {
    const choice = { type: 'function', function: { name: 'get_weather' } } as const
    const answer = await choose(context, { steps: [call('call_1', 'Rome')] }, choice)
    assert.deepEqual(said(answer.calls), [['get_weather', { city: 'Rome' }]])
  },
}

export const noTool: ConformanceCase = {
  id: 'no-tool',
  title: 'No tool allowed',
  async run(context) {
    const answer = await choose(context, { steps: [{ text: 'I cannot look.' }] }, 'none')
    assert.equal(answer.text, 'I cannot look.')
    assert.deepEqual(answer.calls, [])
  },
}
