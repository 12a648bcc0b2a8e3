import { describe, expect, test } from 'vitest'
import { withResultsInPlace } from '../../../src/core/chat/index.ts'
import type { ChatMessage } from '../../../src/core/chat/index.ts'

const user = (text: string): ChatMessage => ({ role: 'user', content: [{ type: 'text', text }] })
const calls = (...ids: string[]): ChatMessage => ({
  role: 'assistant',
  content: ids.map((id) => ({ type: 'tool-call', id, name: 'exec', kind: 'function', arguments: '{}' })),
})
const result = (toolCallId: string, text: string): ChatMessage => ({
  role: 'tool',
  toolCallId,
  content: [{ type: 'text', text }],
})
const more = (id: string, text: string): ChatMessage => ({
  role: 'user',
  content: [
    { type: 'text', text: `[more of the result of exec, ${id}]` },
    { type: 'text', text },
  ],
})

describe('results', () => {
  test.each<[string, ChatMessage[], ChatMessage[]?]>([
    ['stay in their order', [user('Hi'), calls('a', 'b'), result('b', '2'), result('a', '1'), user('So?')]],
    ['stay where each turn counts anew', [calls('a'), result('a', '1'), calls('a'), result('a', '2')]],
    ['stay where two calls have one id', [calls('a', 'a'), result('a', '1'), result('a', '2')]],
    ['stay behind turns that follow each other', [calls('a'), calls('b'), result('a', '1'), result('b', '2')]],
    ['stay without a call', [user('Hi'), result('a', '1')]],
    [
      'go before what others say in between',
      [calls('a', 'b'), result('a', '1'), user('Wait'), result('b', '2')],
      [calls('a', 'b'), result('a', '1'), result('b', '2'), user('Wait')],
    ],
    [
      'go to their call where they come late',
      [calls('a'), user('And?'), calls('b'), result('b', '2'), result('a', '1')],
      [calls('a'), result('a', '1'), user('And?'), calls('b'), result('b', '2')],
    ],
    [
      'are words where the call has one',
      [calls('a'), result('a', '1'), result('a', '2'), calls('b'), result('a', '3'), result('b', '4')],
      [calls('a'), result('a', '1'), more('a', '2'), calls('b'), result('b', '4'), more('a', '3')],
    ],
  ])('%s', (_, given, expected = given) => {
    expect(withResultsInPlace(given)).toEqual(expected)
  })
})
