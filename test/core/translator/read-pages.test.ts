import { expect, it } from 'vitest'
import type { ChatEvent, ChatRequest } from '../../../src/core/chat/index.ts'
import { withoutEmptyPages } from '../../../src/core/translator/read-pages.ts'
import type { Translator } from '../../../src/core/translator/translator.ts'

/** A wire format of events as JSON. */
const wire: Translator = {
  format: 'events',
  request: (chat) => ({ ...chat }),
  events: () => ({ push: ({ data }) => [JSON.parse(data) as ChatEvent], end: () => [] }),
}
const parameters = { type: 'object', properties: { file_path: {}, pages: {} }, required: ['file_path'] }
const chat: ChatRequest = {
  model: 'm',
  stream: true,
  messages: [],
  protocol: 'anthropic-messages',
  tools: [{ type: 'function', name: 'Read', parameters }],
}
const call: ChatEvent = { type: 'tool-call', index: 0, id: 'c', name: 'Read', kind: 'function' }
const delta = (words: string): ChatEvent => ({ type: 'tool-call-delta', index: 0, arguments: words })
const finish: ChatEvent = { type: 'finish', reason: 'tool_calls' }

function told(events: ChatEvent[], asked: ChatRequest): ChatEvent[] {
  const decoder = withoutEmptyPages(wire).events(asked)
  return [...events.flatMap((event) => decoder.push({ data: JSON.stringify(event) })), ...decoder.end()]
}

it('leaves out pages that are empty, when the call is whole', () => {
  expect(told([call, delta('{"file_path":"a",'), delta('"pages":" "}'), finish], chat)).toEqual([
    call,
    delta('{"file_path":"a"}'),
    finish,
  ])
})

it.each<[string, ChatEvent[]]>([
  ['is said how it was filtered', [{ type: 'extra', extra: { content_filter_results: {} } }]],
  ['is told what it cost so far', [{ type: 'usage', usage: { input: 1, output: 1 } }]],
  ['something is said', [{ type: 'text', text: 'Hm' }]],
])('leaves them out of a call within which %s', (_, between) => {
  const pieces = [delta('{"file_path":"a",'), ...between, delta('"pages":""}')]
  expect(told([call, ...pieces, finish], chat)).toEqual([call, ...between, delta('{"file_path":"a"}'), finish])
})

it('leaves them out of calls that are told in turns', () => {
  const second = { index: 1, id: 'd' }
  const whole = [
    delta('{"file_path":"a",'),
    { ...delta('{"file_path":"b",'), index: 1 },
    delta('"pages":""}'),
    { ...delta('"pages":""}'), index: 1 },
  ]
  expect(told([call, { ...call, ...second }, ...whole, finish], chat)).toEqual([
    call,
    { ...call, ...second },
    delta('{"file_path":"a"}'),
    { ...delta('{"file_path":"b"}'), index: 1 },
    finish,
  ])
})

it.each([
  ['no JSON', [call, delta('{"pages":""'), finish], chat],
  ['other pages', [call, delta('{"pages":"1", "file_path":"a"}'), finish], chat],
  ['no arguments', [call, finish], chat],
  ['an answer that is cut', [call, delta('{"pages"')], chat],
  ['another client', [call, delta('{"pages":""}'), finish], { ...chat, protocol: 'openai-chat' }],
  [
    'a tool that requires them',
    [call, delta('{"pages":""}'), finish],
    {
      ...chat,
      tools: [{ type: 'function' as const, name: 'Read', parameters: { ...parameters, required: ['pages'] } }],
    },
  ],
])('leaves %s as it is', (_, events, asked) => {
  expect(told(events, asked)).toEqual(events)
})
