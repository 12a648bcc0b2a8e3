import { describe, expect, it } from 'vitest'
import {
  objectAtRoot,
  openAIParameters,
  strictOpenAIParameters,
} from '../../../../src/core/protocols/schema/parameters.ts'

const text = { type: 'string' }
const number = { type: 'number' }

describe('an object at the root', () => {
  it('is what most parameters are', () => {
    const schema = { type: 'object', properties: { a: { anyOf: [text, number] } } }
    expect(objectAtRoot(schema)).toBe(schema)
    expect(objectAtRoot({})).toEqual({ type: 'object' })
    expect(objectAtRoot({ type: ['object', 'null'] })).toEqual({ type: 'object' })
  })

  it('has what one of several has, requires what all require, and tells what belongs together', () => {
    const variants = [
      { type: 'object', properties: { name: text, file: text }, required: ['name', 'file'] },
      { properties: { name: number, url: text, as: text }, required: ['name', 'url', 'as'] },
      { type: 'null' },
    ]
    for (const word of ['anyOf', 'oneOf']) {
      expect(objectAtRoot({ type: 'object', description: 'A source.', [word]: variants })).toEqual({
        type: 'object',
        description: 'A source.\n\nGive one of these: `file`; `url` with `as`.',
        properties: { name: { anyOf: [text, number] }, file: text, url: text, as: text },
        required: ['name'],
      })
    }
  })

  it('has alternatives that only require', () => {
    const properties = { a: text, b: text }
    expect(objectAtRoot({ type: 'object', properties, anyOf: [{ required: ['a'] }, { required: ['b'] }] })).toEqual({
      type: 'object',
      description: 'Give one of these: `a`; `b`.',
      properties,
    })
  })

  it('has and requires what all parts do, those that are referred to among them', () => {
    const $defs = { Base: { type: 'object', properties: { id: text }, required: ['id'], additionalProperties: false } }
    const more = { type: 'object', properties: { n: number }, required: ['n'], additionalProperties: false }
    expect(objectAtRoot({ allOf: [{ $ref: '#/$defs/Base' }, more], $defs })).toEqual({
      type: 'object',
      properties: { id: text, n: number },
      required: ['id', 'n'],
      additionalProperties: false,
      $defs,
    })
    expect(objectAtRoot({ $ref: '#/definitions/a~1b', definitions: { 'a/b': more } })).toMatchObject(more)
    expect(objectAtRoot({ $ref: '#/definitions/a%20b', definitions: { 'a b': more } })).toMatchObject(more)
    expect(
      objectAtRoot({ $ref: '#/definitions/list/anyOf/1', definitions: { list: { anyOf: [text, more] } } }),
    ).toMatchObject(more)
  })

  it('ends with parts that hold themselves', () => {
    const Node = { type: 'object', properties: { n: number }, allOf: [{ $ref: '#/$defs/Node' }] }
    expect(objectAtRoot({ $ref: '#/$defs/Node', $defs: { Node } })).toMatchObject({ properties: { n: number } })
    expect(objectAtRoot({ type: 'object', enum: [{}], not: { required: ['a'] } })).toEqual({
      type: 'object',
      properties: {},
    })
  })
})

describe("OpenAI's parameters", () => {
  it('have properties, and items in every list', () => {
    const list = { type: ['array', 'null'] }
    const given = {
      type: 'object',
      properties: { a: { type: 'array' }, b: { anyOf: [list, text] }, c: { type: 'array', items: { type: 'array' } } },
      additionalProperties: { type: 'array' },
      $defs: { L: { type: 'array' } },
    }
    expect(openAIParameters(given)).toEqual({
      type: 'object',
      properties: {
        a: { type: 'array', items: {} },
        b: { anyOf: [{ ...list, items: {} }, text] },
        c: { type: 'array', items: { type: 'array', items: {} } },
      },
      additionalProperties: { type: 'array', items: {} },
      $defs: { L: { type: 'array', items: {} } },
    })
    expect(given.properties.a).toEqual({ type: 'array' })
    expect(openAIParameters({ type: 'object' })).toEqual({ type: 'object', properties: {} })
  })

  it('are left as they are where nothing is missing', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'array', items: text }, items: { type: 'string' } },
      required: ['a'],
      examples: [{ type: 'array' }],
    }
    expect(openAIParameters(schema)).toBe(schema)
  })

  const ofPattern = (pattern: string) => ({ type: 'object', properties: { a: { type: 'string', pattern } } })
  const without = { type: 'object', properties: { a: { type: 'string' } } }

  it.each(['[^\\p{Cc}]', '\\\\\\P{L}', '\\u{1F600}', '\\cJ', '(?<year>\\d{4})', '(?<=a+)b', '(?<!a)b'])(
    'have no pattern that Python cannot read: %s',
    (pattern) => {
      expect(openAIParameters(ofPattern(pattern))).toEqual(without)
      expect(strictOpenAIParameters(ofPattern(pattern))).toEqual(without)
    },
  )

  it.each(['^\\d+\\.\\w{1,3}\\s$', '\\\\p{3}', '\\u00e9\\x41', '(?:a|b)\\/\\-', '\\(?<year>'])(
    'keep the pattern %s',
    (pattern) => {
      const schema = ofPattern(pattern)
      expect(openAIParameters(schema)).toBe(schema)
      expect(strictOpenAIParameters(schema)).toBe(schema)
    },
  )

  it('look ahead where they are not strict', () => {
    const schema = ofPattern('^(?!-)[a-z-]+$')
    expect(openAIParameters(schema)).toBe(schema)
    expect(strictOpenAIParameters(schema)).toEqual(without)
  })

  it('have no names of properties that Python cannot read', () => {
    const schema = { type: 'object', properties: {}, patternProperties: { '^\\p{L}': text, '^x-': { type: 'array' } } }
    const kept = { '^x-': { type: 'array', items: {} } }
    expect(openAIParameters(schema)).toEqual({ type: 'object', properties: {}, patternProperties: kept })
  })
})
