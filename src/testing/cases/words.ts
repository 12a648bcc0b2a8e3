import assert from 'node:assert/strict'
import type { ConformanceCase } from '../case.ts'
import { assertInOrder } from '../expect.ts'

const hello = { messages: [{ role: 'user' as const, content: 'Greet the quokka.' }] }

export const text: ConformanceCase = {
  id: 'text',
  title: 'Text',
  async run({ ask, sent }) {
    const answer = await ask({ steps: [{ text: ['Hello', ', world.'] }], usage: { input: 9, output: 4 } }, hello)
    assert.equal(answer.text, 'Hello, world.')
    assert.equal(answer.finish, 'stop')
    assert.equal(answer.refusal, '')
    assert.deepEqual(answer.calls, [])
    assertInOrder(sent(), ['Greet the quokka.'])
  },
}

/** Deltas of a long answer. */
const LONG = Array.from({ length: 600 }, (_, index) => `word ${index}, `)

export const longAnswer: ConformanceCase = {
  id: 'long-answer',
  title: 'Long answer',
  async run({ ask, streaming }) {
    const answer = await ask({ steps: [{ text: LONG }] }, hello)
    assert.equal(answer.text, LONG.join(''))
    assert.equal(answer.finish, 'stop')
    if (streaming) assert.ok(answer.pieces > 1, 'a stream comes in pieces')
  },
}

const SCRIPTS = ['naïve 🦊 ', '日本語のテキスト', ' 👩‍👩‍👧‍👦 и кириллица', ' "quotes" \\ \n\t', 'é']

export const unicode: ConformanceCase = {
  id: 'unicode',
  title: 'Unicode, split anywhere',
  async run({ fake, ask, sent }) {
    const before = fake.chunking
    fake.chunking = { size: 1 }
    try {
      const messages = [{ role: 'user' as const, content: 'Say 🦊 日本' }]
      const answer = await ask({ steps: [{ text: SCRIPTS }] }, { messages })
      assert.equal(answer.text, SCRIPTS.join(''))
      assertInOrder(sent(), ['Say 🦊 日本'])
    } finally {
      fake.chunking = before
    }
  },
}

export const emptyAnswer: ConformanceCase = {
  id: 'empty-answer',
  title: 'Empty answer',
  async run({ ask }) {
    const answer = await ask({ steps: [] }, hello)
    assert.equal(answer.text, '')
    assert.equal(answer.finish, 'stop')
    assert.deepEqual(answer.calls, [])
  },
}

export const turns: ConformanceCase = {
  id: 'multi-turn',
  title: 'Several turns',
  async run({ ask, sent }) {
    const messages = [
      { role: 'user' as const, content: 'My quokka is called Ada.' },
      { role: 'assistant' as const, content: 'A fine name.' },
      { role: 'user' as const, content: 'What is it called?' },
    ]
    const answer = await ask({ steps: [{ text: 'Ada.' }] }, { messages })
    assert.equal(answer.text, 'Ada.')
    assertInOrder(sent(), ['My quokka is called Ada.', 'A fine name.', 'What is it called?'])
  },
}

export const systemPrompt: ConformanceCase = {
  id: 'system-prompt',
  title: 'System prompt',
  async run({ ask, sent }) {
    for (const role of ['system', 'developer'] as const) {
      const messages = [{ role, content: `You are a quokka by ${role}.` }, ...hello.messages]
      const answer = await ask({ steps: [{ text: 'Squeak.' }] }, { messages })
      assert.equal(answer.text, 'Squeak.')
      assert.ok(sent().includes(`You are a quokka by ${role}.`), `the ${role} prompt reaches the vendor`)
      assert.ok(sent().includes('Greet the quokka.'))
    }
  },
}
