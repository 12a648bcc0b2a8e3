import { describe, expect, it } from 'vitest'
import type { ChatEvent, ChatRequest } from '../../../src/core/chat/index.ts'
import { withOwnStops } from '../../../src/core/translator/own-stops.ts'
import type { Translator } from '../../../src/core/translator/translator.ts'

/** A wire format of events as JSON. */
const wire: Translator = {
  format: 'events',
  request: (chat) => ({ ...chat }),
  events: () => ({ push: ({ data }) => [JSON.parse(data) as ChatEvent], end: () => [] }),
  answer: (body) => body as ChatEvent[],
}
const chat: ChatRequest = { model: 'm', stream: true, messages: [], stop: ['</a>', 'END', ''] }
const text = (words: string, choice?: number): ChatEvent => ({
  type: 'text',
  text: words,
  ...(choice !== undefined && { choice }),
})
const call: ChatEvent = { type: 'tool-call', index: 0, id: 'c', name: 'look', kind: 'function' }
const finish: ChatEvent = { type: 'finish', reason: 'length', native: 'length' }
const met: ChatEvent = { type: 'finish', reason: 'stop', native: 'stop_sequence', stopSequence: '</a>' }
const usage: ChatEvent = { type: 'usage', usage: { input: 1, output: 2 } }

function told(events: ChatEvent[], asked = chat): ChatEvent[] {
  const decoder = withOwnStops(wire).events(asked)
  const streamed = events.flatMap((event) => decoder.push({ data: JSON.stringify(event) }))
  expect(withOwnStops(wire).answer?.(events, asked)).toEqual(streamed)
  return streamed
}

describe('an answer that byok ends', () => {
  it.each([
    ['within one piece', [text('<a>yes</a> and more')], [text('<a>yes')]],
    ['over several', [text('<a>yes<'), text('/'), text('a> and'), text(' more</a>')], [text('<a>yes')]],
    ['at the first of two', [text('yes</a>END')], [text('yes')]],
    ['at once', [text('</a>')], []],
    ['before a call', [text('yes</a>'), call], [text('yes')]],
  ])('has nothing after the stop sequence: %s', (_, given, expected) => {
    expect(told([...given, usage, finish])).toEqual([...expected, usage, met])
  })

  it('has all of it where none is met', () => {
    expect(told([text('a < b <'), text('/b> EN'), call, text('E'), finish])).toEqual([
      text('a < b '),
      text('</b> '),
      text('EN'),
      call,
      text('E'),
      finish,
    ])
  })

  it('has its choices apart', () => {
    expect(told([text('a<', 0), text('b</', 1), text('/a>', 0), text('x>', 1), { ...finish, choice: 1 }])).toEqual([
      text('a', 0),
      text('b', 1),
      text('</x>', 1),
      { ...finish, choice: 1 },
    ])
  })
})

describe('a request with stop sequences', () => {
  it('is asked without, and does not pass through', () => {
    const own = withOwnStops(wire, (model) => (model === 'm' ? 0 : 2))
    expect(own.request(chat)).not.toHaveProperty('stop')
    expect(own.request({ ...chat, model: 'other', stop: ['x', 'y'] })).toHaveProperty('stop', ['x', 'y'])
    expect(own.passes?.({ stop: 'x' }, 'm')).toBe(false)
    expect(own.passes?.({ stop: null }, 'm')).toBe(true)
    expect(own.passes?.({ stop: 'x' }, 'other')).toBe(true)
    expect(own.passes?.({ stop: ['x', 'y'] }, 'other')).toBe(true)
    expect(own.passes?.({ stop: ['x', 'y', 'z'] }, 'other')).toBe(false)
  })

  it('is asked with as many as the provider takes, and byok looks for the rest', () => {
    const some = withOwnStops(wire, () => 1)
    expect(some.request(chat)).toEqual({ ...chat, stop: ['</a>'] })
    expect(some.answer?.([text('yes END'), finish], chat)).toEqual([text('yes '), { ...met, stopSequence: 'END' }])
    const bare = { ...chat, stop: ['', '</a>'] }
    expect([some.request(bare), some.answer?.([text('yes'), finish], bare)]).toEqual([
      { ...chat, stop: ['</a>'] },
      [text('yes'), finish],
    ])
    const few = { ...chat, stop: ['</a>'] }
    expect(some.request(few)).toEqual(few)
    expect(some.answer?.([text('yes <'), finish], few)).toEqual([text('yes <'), finish])
  })
})
