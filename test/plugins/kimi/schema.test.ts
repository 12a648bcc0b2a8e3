import { describe, expect, it } from 'vitest'
import { flavoured } from '../../../src/plugins/kimi/schema/index.ts'
import { moonshotFault } from '../../upstreams/moonshot-schema.ts'
import type { Json } from '../run.ts'

/** Rewrites a schema, and holds what comes to Moonshot's rules. The schema given stays as it is. */
function taken(schema: Json): Json {
  const before = structuredClone(schema)
  const result = flavoured(schema)
  expect(schema).toEqual(before)
  expect(moonshotFault(result)).toBeUndefined()
  return result
}

const property = (schema: Json): Json => taken({ type: 'object', properties: { a: schema } })['properties'].a
const asIs = (schema: Json) => expect(taken(schema)).toEqual(schema)

describe('types', () => {
  it.each([
    [{}, 'string'],
    [{ enum: ['a', 'b'] }, 'string'],
    [{ enum: [1, 2] }, 'integer'],
    [{ enum: [1, 0.5] }, 'number'],
    [{ enum: [true] }, 'boolean'],
    [{ const: null }, 'null'],
    [{ const: { a: 1 } }, 'object'],
    [{ const: [1] }, 'array'],
    [{ properties: {} }, 'object'],
    [{ uniqueItems: true }, 'array'],
    [{ pattern: '^a' }, 'string'],
    [{ minimum: 1 }, 'number'],
  ])('takes %j for a %s', (schema, type) => {
    expect(property(schema)).toEqual({ type, ...schema })
  })

  it.each([
    { type: ['string', 'null'], description: 'Either.' },
    { oneOf: [{ type: 'string' }] },
    { not: { type: 'string' } },
    { if: { type: 'string' }, then: { minLength: 1 } },
    { type: 'object', additionalProperties: false },
    { anyOf: [{ type: 'string' }, { type: 'null' }], description: 'Either.' },
  ])('leaves %j as it is', (schema) => {
    expect(property(schema)).toEqual(schema)
  })

  it('gives types within lists, additional properties and definitions', () => {
    const untyped = { description: 'Any.' }
    const typed = { type: 'string', description: 'Any.' }
    const schema = (inner: object) => ({
      type: 'object',
      properties: { list: { type: 'array', items: inner }, all: { allOf: [inner] } },
      additionalProperties: inner,
      required: ['list'],
      $defs: { Mode: inner },
    })
    expect(taken(schema(untyped))).toEqual(schema(typed))
  })

  it('takes parameters without a type for an object', () => {
    expect(taken({})).toEqual({ type: 'object' })
    expect(taken({ $schema: 'http://json-schema.org/draft-07/schema#', properties: { a: true } })).toEqual({
      type: 'object',
      properties: { a: { type: 'string' } },
    })
  })

  it('makes alternatives of several types that say more', () => {
    expect(property({ type: ['string', 'null'], minLength: 1, default: null, description: 'A name.' })).toEqual({
      description: 'A name.',
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'null', default: null },
      ],
    })
    expect(property({ type: ['array', 'integer'], items: { type: 'string' }, minimum: 3 })).toEqual({
      anyOf: [
        { type: 'array', items: { type: 'string' } },
        { type: 'integer', minimum: 3 },
      ],
    })
    expect(property({ type: ['string'], pattern: '^a' })).toEqual({ type: 'string', pattern: '^a' })
  })

  it('has values of their type alone', () => {
    expect(property({ type: 'string', enum: ['a', null] })).toEqual({ type: 'string', enum: ['a'] })
    expect(property({ type: 'string', enum: [1] })).toEqual({ type: 'string' })
    expect(property({ type: ['string', 'null'], enum: ['a', null] })).toEqual({
      anyOf: [
        { type: 'string', enum: ['a'] },
        { type: 'null', enum: [null] },
      ],
    })
    expect(property({ enum: [true, 1] })).toEqual({
      anyOf: [
        { type: 'boolean', enum: [true] },
        { type: 'integer', enum: [1] },
      ],
    })
  })

  it('takes elements told by their place for any of those', () => {
    const tuple = { type: 'array', items: [{ type: 'number' }, { type: 'string' }], minItems: 2 }
    expect(property(tuple)).toEqual({
      type: 'array',
      items: { anyOf: [{ type: 'number' }, { type: 'string' }] },
      minItems: 2,
    })
    expect(property({ type: 'array', items: [{ type: 'number' }, { type: 'number' }] })).toEqual({
      type: 'array',
      items: { type: 'number' },
    })
  })

  it.each([[[]], [true]])('takes elements told by %j for any', (items) => {
    expect(property({ type: 'array', items, minItems: 1 })).toEqual({ type: 'array', minItems: 1 })
  })

  it('has no property that can have no value', () => {
    expect(property({ type: 'object', properties: { x: false, y: true }, required: ['y'] })).toEqual({
      type: 'object',
      properties: { y: { type: 'string' } },
      required: ['y'],
    })
  })

  it('requires what there is', () => {
    expect(property({ type: 'object', properties: { x: { type: 'string' } }, required: ['x', 'y', 'x'] })).toEqual({
      type: 'object',
      properties: { x: { type: 'string' } },
      required: ['x'],
    })
    expect(property({ type: 'object', required: ['toString'] })).toEqual({ type: 'object' })
  })
})

describe('alternatives', () => {
  it('has their type in each of them', () => {
    const variants = [
      { type: 'object', properties: { file: { type: 'string' } }, required: ['file'] },
      { properties: { url: { type: 'string' } }, required: ['url'] },
    ]
    expect(taken({ type: 'object', description: 'One of two.', anyOf: variants })).toEqual({
      description: 'One of two.',
      anyOf: [variants[0], { type: 'object', ...variants[1] }],
    })
  })

  it('has what stands beside them in each of them', () => {
    const shared = { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string' } }
    const schema = {
      type: 'object',
      properties: shared,
      required: ['c'],
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    }
    expect(taken(schema)).toEqual({
      anyOf: [
        { type: 'object', properties: shared, required: ['c', 'a'] },
        { type: 'object', properties: shared, required: ['c', 'b'] },
      ],
    })
  })

  it('keeps the type each has of its own, whatever is said beside', () => {
    const anyOf = [{ type: 'array', items: { type: 'string' } }, { type: 'boolean' }, { type: 'string' }]
    expect(property({ type: ['string', 'array', 'boolean'], anyOf, description: 'A skill.' })).toEqual({
      description: 'A skill.',
      anyOf,
    })
    expect(property({ type: ['string', 'null'], anyOf: [{ minLength: 1 }, { type: 'null' }], default: null })).toEqual({
      anyOf: [{ anyOf: [{ type: 'string', minLength: 1 }, { type: 'null' }] }, { type: 'null', default: null }],
    })
  })

  it('leaves references among them', () => {
    asIs({
      type: 'object',
      properties: { next: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] } },
      $defs: {
        Node: { type: 'object', properties: { next: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] } } },
      },
    })
    const beside = { type: 'object', anyOf: [{ $ref: '#/$defs/A' }], $defs: { A: { type: 'object' } } }
    expect(taken(beside)).toEqual({ anyOf: [{ $ref: '#/$defs/A' }], $defs: { A: { type: 'object' } } })
  })

  it('puts what is referred to in its place where more stands beside', () => {
    const defs = { A: { type: 'object', properties: { x: { type: 'string' } }, required: ['x'] } }
    const schema = {
      type: 'object',
      properties: { y: { type: 'string' } },
      anyOf: [{ $ref: '#/$defs/A' }],
      $defs: defs,
    }
    expect(taken(schema)).toEqual({
      anyOf: [{ type: 'object', properties: { x: { type: 'string' }, y: { type: 'string' } }, required: ['x'] }],
      $defs: defs,
    })
  })
})

describe('references', () => {
  const Mode = { type: 'string', enum: ['a', 'b'], description: 'Any mode.' }

  it('puts what a description is given to in its place, once it has one', () => {
    const schema = {
      type: 'object',
      properties: {
        mode: { $ref: '#/$defs/Mode', description: 'This mode.' },
        size: { $ref: '#/$defs/Size', title: 'S' },
      },
      $defs: { Mode, Size: { type: 'integer' } },
    }
    expect(taken(schema)['properties']).toEqual({
      mode: { ...Mode, description: 'This mode.' },
      size: { $ref: '#/$defs/Size', title: 'S' },
    })
  })

  it('ends with a definition that holds itself', () => {
    const next = { $ref: '#/$defs/Node', description: 'The next.' }
    const schema = {
      type: 'object',
      properties: { first: { ...next, description: 'The first.' } },
      $defs: { Node: { type: 'object', description: 'A node.', properties: { next } } },
    }
    expect(taken(schema)).toEqual({
      type: 'object',
      properties: {
        first: { type: 'object', description: 'The first.', properties: { next: { $ref: '#/$defs/Node' } } },
      },
      $defs: { Node: { type: 'object', description: 'A node.', properties: { next: { $ref: '#/$defs/Node' } } } },
    })
    asIs({ type: 'object', properties: { again: { $ref: '#' } } })
  })

  it('finds them wherever they are', () => {
    const schema = {
      type: 'object',
      properties: {
        from: { type: 'object', properties: { 'a/b': Mode } },
        to: { $ref: '#/properties/from' },
        mode: { $ref: '#/definitions/lib~1Mode' },
        deep: { $ref: '#/properties/from/properties/a~1b' },
        size: { $ref: '#/definitions/Size%20S' },
      },
      definitions: { 'lib/Mode': Mode, 'Size S': { type: 'integer' } },
    }
    const { properties, $defs, definitions } = taken(schema)
    expect(definitions).toBeUndefined()
    expect(properties).toMatchObject({
      to: { $ref: '#/$defs/properties_from' },
      mode: { $ref: '#/$defs/lib_Mode' },
      size: { $ref: '#/$defs/Size S' },
    })
    expect($defs).toMatchObject({
      properties_from: schema.properties.from,
      lib_Mode: Mode,
      'Size S': { type: 'integer' },
    })
  })

  it('goes on without those that lead nowhere, or out of the document', () => {
    const properties = { a: { $ref: '#/$defs/No', description: 'A.' }, b: { $ref: 'https://example.com/b.json' } }
    expect(taken({ type: 'object', properties })['properties']).toEqual({
      a: { type: 'string', description: 'A.' },
      b: { type: 'string' },
    })
  })

  it('takes no longer for references among references', () => {
    const $defs: Json = {}
    for (let level = 0; level < 30; level++) {
      const next = { $ref: `#/$defs/L${level + 1}`, description: 'More.' }
      $defs[`L${level}`] = { type: 'object', description: 'A level.', properties: { one: next, two: next } }
    }
    $defs['L30'] = { type: 'string', description: 'The last.' }
    const schema = { type: 'object', properties: { all: { $ref: '#/$defs/L0', description: 'All.' } }, $defs }
    expect(JSON.stringify(flavoured(schema)).length).toBeLessThan(5_000_000)
  })
})
