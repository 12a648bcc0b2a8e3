import { describe, expect, it } from 'vitest'
import { validSchema } from '../../../../src/core/protocols/schema/valid.ts'
import { schemaFault } from '../../../upstreams/json-schema.ts'

const text = { type: 'string' }

describe('a schema by draft 2020-12', () => {
  it('is left as it is', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: {
        a: { type: ['string', 'null'], enum: ['x', null], default: null, 'x-order': null },
        b: { type: 'array', prefixItems: [text], items: false },
        c: { anyOf: [{ $ref: '#/definitions/C' }, true], examples: [1] },
        required: { type: 'number', exclusiveMinimum: 0 },
      },
      required: ['a'],
      additionalProperties: false,
      definitions: { C: text },
    }
    expect(validSchema(schema)).toBe(schema)
  })

  it.each<[string, object, object]>([
    ['types of other languages', { type: 'int' }, { type: 'integer' }],
    ['a list of them', { type: ['str', 'string', 'null'] }, { type: ['string', 'null'] }],
    ['types that are any', { type: 'any', description: 'x' }, { description: 'x' }],
    ['one of them any', { type: ['string', 'any'] }, {}],
    ['tuples', { type: 'array', items: [text, 'x'] }, { type: 'array', prefixItems: [text, {}] }],
    ['what follows in a tuple', { items: [text], additionalItems: false }, { prefixItems: [text], items: false }],
    ['exclusive bounds of draft 4', { minimum: 1, exclusiveMinimum: true }, { minimum: 1, exclusiveMinimum: 1 }],
    ['bounds that are not exclusive', { maximum: 1, exclusiveMaximum: false }, { maximum: 1 }],
    [
      'nulls',
      { type: 'string', description: null, enum: null, pattern: null, default: null },
      { type: 'string', default: null },
    ],
    ['empty alternatives', { type: 'object', anyOf: [] }, { type: 'object' }],
    [
      'what should be schemas',
      { properties: { a: 'string', b: text }, items: 'x' },
      { properties: { a: {}, b: text } },
    ],
    [
      'required properties of draft 3',
      { properties: { a: { ...text, required: true }, b: { ...text, required: false } }, required: ['c', 'c'] },
      { properties: { a: text, b: text }, required: ['c', 'a'] },
    ],
  ])('has no %s', (_, given, expected) => {
    const within = { type: 'object', properties: { it: given }, $defs: { it: given }, allOf: [given] }
    expect(validSchema(within)).toEqual({
      ...within,
      properties: { it: expected },
      $defs: { it: expected },
      allOf: [expected],
    })
    expect(schemaFault(validSchema({ ...given }))).toBeUndefined()
  })
})
