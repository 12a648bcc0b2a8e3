import { describe, expect, it } from 'vitest'
import { geminiGenerateContent, geminiProtocol } from '../../../../src/core/protocols/gemini/index.ts'
import type { Json } from './support.ts'

/* `text/x.enum`, whose conversations through every provider are in test/conformance/gemini.test.ts. */

const contents = [{ role: 'user', parts: [{ text: 'What is it?' }] }]
const decode = (generationConfig: Json) => geminiProtocol.decode({ model: 'm', contents, generationConfig })
const enumOf = (schema: Json) => decode({ responseMimeType: 'text/x.enum', responseSchema: schema })
const chat = enumOf({ type: 'STRING', format: 'enum', enum: ['cat', 'dog'] })

const streamed = (...texts: string[]) => {
  const encoder = geminiProtocol.encoder({ model: 'm', includeUsage: true, chat })
  const sent = texts.map((text) => encoder.push({ type: 'text', text })).join('')
  return { sent, end: () => encoder.push({ type: 'finish', reason: 'stop' }) + encoder.end() }
}

describe('one of some texts', () => {
  it('is asked of Gemini in its own words', () => {
    expect(geminiGenerateContent().request(chat)).toMatchObject({
      generationConfig: {
        responseMimeType: 'text/x.enum',
        responseSchema: { type: 'STRING', enum: ['cat', 'dog'] },
      },
    })
  })

  it.each([
    ['in an object', ['{"val', 'ue":"dog"}'], 'dog'],
    ['as it stands', ['do', 'g'], 'dog'],
    ['as a number', ['7'], '7'],
  ])('that comes %s is told when it is whole', (_, texts, expected) => {
    const { sent, end } = streamed(...texts)
    expect(sent).toBe('')
    expect(end()).toContain(`"text":${JSON.stringify(expected)}`)
  })

  it('that is cut is told as it came', () => {
    const encoder = geminiProtocol.encoder({ model: 'm', includeUsage: true, chat })
    encoder.push({ type: 'text', text: '{"value":' })
    expect(encoder.end()).toContain(JSON.stringify('{"value":'))
  })

  it.each([{ type: 'STRING' }, { type: 'STRING', enum: [] }, { type: 'INTEGER', enum: ['1'] }])(
    'is refused without texts: %j',
    (schema) => {
      expect(() => enumOf(schema)).toThrow(expect.objectContaining({ status: 400 }))
    },
  )
})
