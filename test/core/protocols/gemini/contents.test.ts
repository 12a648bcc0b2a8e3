import { describe, expect, it } from 'vitest'
import { geminiProtocol } from '../../../../src/core/protocols/gemini/index.ts'
import type { Json } from './support.ts'

const read = (contents: Json[]) => geminiProtocol.decode({ model: 'm', contents }).messages
const user = (...parts: Json[]) => ({ role: 'user', parts })
const model = (...parts: Json[]) => ({ role: 'model', parts })
const call = (name: string, id?: string) => ({ functionCall: { name, args: {}, ...(id && { id }) } })
const result = (name: string, id?: string) => ({
  functionResponse: { name, response: { output: name }, ...(id && { id }) },
})

describe('contents of a model that follow each other', () => {
  it('are one turn, whose texts and thoughts are whole again', () => {
    const messages = read([
      user({ text: 'Hi' }),
      model({ text: 'Let', thought: true }),
      model({ text: ' me', thought: true }),
      model({ text: 'I' }),
      model({ text: ' ' }),
      model({ text: 'look' }),
      model(call('f', 'a')),
      model(call('g', 'b')),
      model({ text: '' }),
      user(result('f', 'a'), result('g', 'b')),
    ])
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool'])
    expect(messages[1]?.content).toMatchObject([
      { type: 'reasoning', text: 'Let me' },
      { type: 'text', text: 'I look' },
      { type: 'tool-call', id: 'a' },
      { type: 'tool-call', id: 'b' },
    ])
  })

  it('are no turn where they say nothing', () => {
    expect(read([user({ text: 'a' }), model({ text: '' }), model(), user({ text: 'b' })])).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      { role: 'user', content: [{ type: 'text', text: 'b' }] },
    ])
  })
})

describe('a result', () => {
  const answered = (calls: Json[], results: Json[]) =>
    read([user({ text: 'a' }), model(...calls), user(...results)]).flatMap((message) =>
      message.role === 'tool' ? [message.toolCallId] : [],
    )

  it.each<[string, Json[], Json[], string[]]>([
    ['of its id', [call('f', 'a'), call('f', 'b')], [result('f', 'b'), result('f', 'a')], ['b', 'a']],
    ['of its name, without an id', [call('f'), call('g'), call('f')], [result('g'), result('f')], ['call_2', 'call_1']],
    [
      'of its name, where no call has its id',
      [call('f'), call('f')],
      [result('f', 'x'), result('f', 'y')],
      ['call_1', 'call_2'],
    ],
    ['of no name, by its id', [], [result('f', 'x')], ['x']],
    [
      'of its id, with more than one',
      [call('f', 'a'), call('f', 'b')],
      [result('f', 'a'), result('f', 'a'), result('f', 'b')],
      ['a', 'b'],
    ],
  ])('is for the call %s', (_name, calls, results, ids) => {
    expect(answered(calls, results)).toEqual(ids)
  })

  it('has all that is told of it', () => {
    const told = user(result('f', 'a'), { text: 'See:' }, result('f', 'a'), result('f', 'b'))
    const messages = read([user({ text: 'a' }), model(call('f', 'a'), call('f', 'b')), told])
    expect(messages.slice(2).map(({ role, content }) => [role, content.length])).toEqual([
      ['tool', 2],
      ['user', 1],
      ['tool', 1],
    ])
  })
})

describe('speakers by the words that OpenAI has for them', () => {
  it('are the ones that Google means', () => {
    const spoken = (words: string[]) =>
      read([
        { role: words[0], parts: [{ text: 'Be brief' }] },
        user({ text: 'Hi' }),
        { role: words[1], parts: [call('f', 'a')] },
        { role: words[2], parts: [result('f', 'a')] },
      ])
    const meant = spoken(['system', 'model', 'user'])
    expect(meant.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool'])
    expect(spoken(['developer', 'assistant', 'tool'])).toEqual(meant)
    expect(spoken(['developer', 'assistant', 'function'])).toEqual(meant)
    expect(() => read([{ role: 'narrator', parts: [{ text: 'Once' }] }])).toThrow(/valid role: user, model/)
  })
})
