import assert from 'node:assert/strict'
import type { ConformanceCase, Message } from '../case.ts'
import { assertInOrder } from '../expect.ts'

const messages: Message[] = [{ role: 'user', content: 'Tell me of Italy.' }]

export const jsonSchema: ConformanceCase = {
  id: 'json-schema',
  title: 'JSON schema',
  async run({ ask, sent }) {
    const schema = {
      type: 'object',
      properties: { capital: { type: 'string' } },
      required: ['capital'],
      additionalProperties: false,
    }
    const format = { type: 'json_schema', json_schema: { name: 'country', strict: true, schema } } as const
    const script = { steps: [{ text: ['{"capital":', '"Rome"}'] }] }
    const answer = await ask(script, { messages, response_format: format })
    assert.deepEqual(JSON.parse(answer.text), { capital: 'Rome' })
    assert.equal(answer.finish, 'stop')
    assertInOrder(sent(), ['capital'])
  },
}

export const stop: ConformanceCase = {
  id: 'stop',
  title: 'Stop sequences',
  async run({ ask, sent, traits }) {
    const script = { steps: [{ text: 'Before ' }], stopSequence: 'HALTWORD' }
    const answer = await ask(script, { messages, stop: ['HALTWORD'] })
    if (!traits.ownStops) assertInOrder(sent(), ['HALTWORD'])
    assert.equal(answer.text, 'Before ')
    assert.equal(answer.finish, 'stop')
  },
}

export const length: ConformanceCase = {
  id: 'length',
  title: 'Length limit',
  async run({ ask, sent, traits }) {
    const script = { steps: [{ text: 'Italy is a' }], finish: 'length' as const }
    for (const limit of ['max_tokens', 'max_completion_tokens']) {
      const answer = await ask(script, { messages, [limit]: 4321 })
      assert.equal(answer.text, 'Italy is a')
      assert.equal(answer.finish, 'length')
      assert.equal(sent().includes('4321'), !traits.noLimit, 'the limit reaches the vendor where it has one')
    }
  },
}

export const contentFilter: ConformanceCase = {
  id: 'content-filter',
  title: 'Content filter',
  async run({ ask }) {
    const partial = await ask({ steps: [{ text: 'Well, ' }], finish: 'content_filter' }, { messages })
    assert.equal(partial.text, 'Well, ')
    assert.equal(partial.finish, 'content_filter')
    const nothing = await ask({ steps: [], finish: 'content_filter' }, { messages })
    assert.equal(nothing.text, '')
    assert.equal(nothing.finish, 'content_filter')
  },
}

export const usage: ConformanceCase = {
  id: 'usage',
  title: 'Usage, with cached tokens',
  async run({ ask, traits }) {
    const script = { steps: [{ text: 'Rome.' }], usage: { input: 1200, output: 34, cachedInput: 1024 } }
    const { usage: counted } = await ask(script, { messages })
    assert.equal(counted?.prompt_tokens, 1200)
    assert.equal(counted.completion_tokens, 34)
    assert.equal(counted.total_tokens, 1234)
    if (!traits.noCachedTokens) assert.equal(counted.prompt_tokens_details?.cached_tokens, 1024)
  },
}
