import { expect, it } from 'vitest'
import { withTypes } from '../../../src/plugins/kimi/schema.ts'

it.each([
  [{}, 'string'],
  [{ enum: ['a', 'b'] }, 'string'],
  [{ enum: [1, 2] }, 'integer'],
  [{ enum: [1, 0.5] }, 'number'],
  [{ enum: [true, 1] }, 'string'],
  [{ enum: [true] }, 'boolean'],
  [{ const: null }, 'null'],
  [{ const: { a: 1 } }, 'object'],
  [{ const: [1] }, 'array'],
  [{ properties: {} }, 'object'],
  [{ required: ['a'] }, 'object'],
  [{ uniqueItems: true }, 'array'],
  [{ pattern: '^a' }, 'string'],
  [{ minimum: 1 }, 'number'],
])('takes %j for a %s', (property, type) => {
  expect(withTypes({ properties: { a: property } })).toEqual({ properties: { a: { type, ...property } } })
})

it.each([
  { type: ['string', 'null'] },
  { $ref: '#/$defs/Mode' },
  { oneOf: [{ type: 'string' }] },
  { not: { type: 'string' } },
  { if: { type: 'string' }, then: { minLength: 1 } },
])('leaves %j as it is', (property) => {
  expect(withTypes({ properties: { a: property } })).toEqual({ properties: { a: property } })
})

it('gives types within lists, additional properties and definitions, and none to what holds them', () => {
  const untyped = { description: 'Any.' }
  const typed = { type: 'string', description: 'Any.' }
  const schema = (inner: object) => ({
    properties: {
      list: { type: 'array', items: inner },
      tuple: { type: 'array', items: [inner] },
      all: { allOf: [inner] },
    },
    additionalProperties: inner,
    $defs: { Mode: inner },
    required: ['list'],
  })
  const given = schema(untyped)
  expect(withTypes(given)).toEqual(schema(typed))
  expect(given).toEqual(schema(untyped))
  expect(withTypes({ type: 'object', additionalProperties: false })).toEqual({
    type: 'object',
    additionalProperties: false,
  })
})
