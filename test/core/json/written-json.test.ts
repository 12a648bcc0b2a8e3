import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writtenJson } from '../../../src/core/json/written-json.ts'

const textOf = (written: string | Uint8Array) =>
  typeof written === 'string' ? written : Buffer.from(written).toString()
const items = Array.from({ length: 20 }, (_, number) => ({ number, text: 'größer "als" 小\n'.repeat(number * 200) }))

describe('writtenJson', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a long array', { model: 'm', messages: items, stream: true }],
    ['two of them', { messages: items, tools: items }],
    ['one in objects', { request: { state: { history: items, id: 1 } }, user: 'me' }],
    ['one in objects deeper down', { a: { b: { c: { d: items } } } }],
    ['one in an array', { messages: [items] }],
    ['none', { model: 'm', messages: items.slice(0, 2) }],
    ['nothing', {}],
    ['names with quotes', { 'a"b': items, 'ü\n': 1 }],
    [
      'what JSON has no word for',
      { a: undefined, b: () => 1, c: Symbol('c'), d: NaN, messages: [...items, undefined, () => 1] },
    ],
    [
      'what says that it is nothing',
      { a: { toJSON: () => undefined }, messages: [...items, { toJSON: () => undefined }] },
    ],
    [
      'what says itself how it is written',
      { at: new Date(0), own: { items, toJSON: () => 'own' }, items: [...items, new Date(0)] },
    ],
    ['half a character', { messages: [...items, '\ud83d', '\udc4b'] }],
  ])('writes %s as JSON.stringify does', (_, value) => {
    expect(textOf(writtenJson(value))).toBe(JSON.stringify(value))
  })

  it('writes anything as JSON.stringify does', () => {
    const value = fc.letrec<{ any: unknown; array: unknown[]; object: Record<string, unknown> }>((tie) => ({
      any: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant(undefined), tie('array'), tie('object')),
      array: fc.array(tie('any'), { maxLength: 20, size: 'max', depthIdentifier: 'nested' }),
      object: fc.dictionary(fc.string({ unit: 'grapheme' }), tie('any'), { maxKeys: 5, depthIdentifier: 'nested' }),
    })).object
    fc.assert(
      fc.property(value, (body) => {
        expect(textOf(writtenJson(body))).toBe(JSON.stringify(body))
      }),
    )
  })

  it('gives bytes of what a conversation is long in, so that no text holds all of it', () => {
    expect(writtenJson({ messages: items })).toBeInstanceOf(Uint8Array)
    expect(writtenJson({ messages: items.slice(0, 8) })).toBeTypeOf('string')
  })
})
