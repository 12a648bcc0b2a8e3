import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { geminiSchema } from '../../../../src/core/protocols/gemini/index.ts'
import { jsonSchema } from '../../../../src/core/protocols/gemini/schema-back.ts'
import { faultInSchema, ignoredKeywords, unknownInSchema } from '../../../upstreams/gemini-schema.ts'

const string = { type: 'string' }

describe('a schema for Gemini', () => {
  it.each<[string, object, object, object]>([
    [
      'puts references in place',
      { type: 'object', properties: { a: { $ref: '#/$defs/a', title: 'A' } }, $defs: { a: string } },
      { type: 'object', properties: { a: { type: 'string', title: 'A' } } },
      { type: 'object', properties: { a: { type: 'string', description: '(A)' } } },
    ],
    [
      'cuts a recursive reference',
      {
        $ref: '#/definitions/node',
        definitions: { node: { type: 'object', properties: { next: { $ref: '#/definitions/node' } } } },
      },
      { type: 'object', properties: { next: { type: 'object', description: '(same shape as node in it)' } } },
      { type: 'object', properties: { next: { type: 'object', description: '(same shape as node in it)' } } },
    ],
    [
      "keeps OpenAPI's `nullable`",
      {
        properties: {
          a: { type: 'STRING', nullable: true },
          b: { anyOf: [string, { type: 'number' }], nullable: true },
        },
      },
      {
        type: 'object',
        properties: {
          a: { type: ['string', 'null'] },
          b: { anyOf: [string, { type: 'number' }, { type: 'null' }] },
        },
      },
      {
        type: 'object',
        properties: {
          a: { type: 'string', nullable: true },
          b: { anyOf: [string, { type: 'number' }], nullable: true },
        },
      },
    ],
    [
      'follows references whose names are encoded, or hold a percent sign',
      {
        anyOf: [{ $ref: '#/$defs/a%20b' }, { $ref: '#/$defs/100%' }],
        $defs: { 'a b': string, '100%': { type: 'number' } },
      },
      { anyOf: [string, { type: 'number' }] },
      { anyOf: [string, { type: 'number' }] },
    ],
    [
      'tells of a reference that leads nowhere',
      { $ref: 'https://a.example/b' },
      { description: '(as https://a.example/b)' },
      { description: '(as https://a.example/b)' },
    ],
    [
      'merges allOf',
      {
        allOf: [
          { type: 'object', properties: { a: string }, required: ['a'] },
          { properties: { b: string }, required: ['b'] },
        ],
        description: 'Both.',
      },
      { type: 'object', properties: { a: string, b: string }, required: ['a', 'b'], description: 'Both.' },
      { type: 'object', properties: { a: string, b: string }, required: ['a', 'b'], description: 'Both.' },
    ],
    [
      'reads oneOf as anyOf',
      { oneOf: [string, { type: 'number' }] },
      { anyOf: [string, { type: 'number' }] },
      { anyOf: [string, { type: 'number' }] },
    ],
    [
      'knows null among types and branches',
      {
        type: 'object',
        properties: { a: { type: ['string', 'null'] }, b: { anyOf: [{ type: 'null' }, string], description: 'B' } },
      },
      {
        type: 'object',
        properties: { a: { type: ['string', 'null'] }, b: { anyOf: [{ type: 'null' }, string], description: 'B' } },
      },
      {
        type: 'object',
        properties: { a: { nullable: true, type: 'string' }, b: { description: 'B', nullable: true, type: 'string' } },
      },
    ],
    [
      'tells where a value may be empty, which `Schema` does not take',
      { type: 'string', enum: ['a', ''] },
      { type: 'string', enum: ['a', ''] },
      { type: 'string', enum: ['a'], description: '(or empty)' },
    ],
    ['makes const an enum', { const: 'x' }, { enum: ['x'], type: 'string' }, { enum: ['x'], type: 'string' }],
    [
      'writes numbers of an enum as each takes them',
      { enum: [1, 2] },
      { enum: [1, 2], type: 'integer' },
      { enum: ['1', '2'], type: 'integer' },
    ],
    [
      'tells of values that are neither text nor numbers',
      { enum: [true, 'a'] },
      { description: '(one of: true, "a")' },
      { description: '(one of: true, "a")' },
    ],
    [
      'moves exclusive bounds of integers',
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 9.5 },
      { type: 'integer', minimum: 1, maximum: 9 },
      { type: 'integer', description: '(minimum: 1; maximum: 9)' },
    ],
    [
      'tells exclusive bounds of other numbers, as draft 4 has them too',
      { type: 'number', minimum: 2, exclusiveMinimum: true },
      { type: 'number', minimum: 2, description: '(greater than 2)' },
      { type: 'number', description: '(greater than 2; minimum: 2)' },
    ],
    [
      'tells what has no keyword',
      { type: 'string', pattern: '^a$', minLength: 1, default: 'a', description: 'An a.' },
      { type: 'string', description: 'An a. (pattern: ^a$; minLength: 1; default: a)' },
      { type: 'string', description: 'An a. (pattern: ^a$; minLength: 1; default: a)' },
    ],
    [
      'keeps or tells other properties',
      { type: 'object', properties: { a: string }, additionalProperties: false, patternProperties: { b: string } },
      {
        type: 'object',
        properties: { a: string },
        additionalProperties: false,
        description: '(patternProperties: {"b":{"type":"string"}})',
      },
      {
        type: 'object',
        properties: { a: string },
        description: '(patternProperties: {"b":{"type":"string"}}; no other properties)',
      },
    ],
    [
      'keeps or tells tuples',
      { type: 'array', prefixItems: [string, { type: 'number' }] },
      { type: 'array', prefixItems: [string, { type: 'number' }] },
      {
        type: 'array',
        items: { anyOf: [string, { type: 'number' }] },
        description: '(items in order: [{"type":"string"},{"type":"number"}])',
      },
    ],
    [
      'requires what there is',
      { type: 'object', properties: { a: string }, required: ['a', 'b'] },
      { type: 'object', properties: { a: string }, required: ['a'], description: '(also required: b)' },
      { type: 'object', properties: { a: string }, required: ['a'], description: '(also required: b)' },
    ],
    [
      'leaves out what means nothing to a model',
      { $schema: 'https://json-schema.org/draft/2020-12/schema', $comment: 'x', 'x-mcp-header': 1, ...string },
      string,
      string,
    ],
    [
      'takes properties of any name',
      { type: 'object', properties: { $ref: string, pattern: string } },
      { type: 'object', properties: { $ref: string, pattern: string } },
      { type: 'object', properties: { $ref: string, pattern: string } },
    ],
  ])('%s', (_name, schema, plain, openapi) => {
    const before = JSON.stringify(schema)
    expect(geminiSchema(schema as Record<string, unknown>, 'json-schema')).toEqual(plain)
    expect(geminiSchema(schema as Record<string, unknown>, 'openapi')).toEqual(openapi)
    expect(JSON.stringify(schema)).toBe(before)
  })

  it('is always one that Gemini takes', () => {
    const { schema } = fc.letrec<{ schema: Record<string, unknown> }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 2 },
        fc.constant({ type: 'string' }),
        fc.record(
          {
            type: fc.constantFrom<unknown>('object', 'array', 'string', 'integer', 'number', 'boolean', [
              'string',
              'null',
            ]),
            properties: fc.dictionary(fc.constantFrom('a', 'b', 'type'), tie('schema'), { maxKeys: 2 }),
            required: fc.subarray(['a', 'b', 'c']),
            items: tie('schema'),
            prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
            anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
            oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
            allOf: fc.array(tie('schema'), { maxLength: 2 }),
            enum: fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), { minLength: 1 }),
            const: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
            $ref: fc.constantFrom('#', '#/$defs/x', '#/properties/a'),
            $defs: fc.constant({ x: { type: 'string', pattern: 'y' } }),
            additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
            exclusiveMinimum: fc.oneof(fc.integer(), fc.boolean()),
            not: tie('schema'),
            format: fc.string(),
            description: fc.string(),
          },
          { requiredKeys: [] },
        ),
      ),
    }))
    fc.assert(
      fc.property(schema, (value) => {
        expect(ignoredKeywords(geminiSchema(value, 'json-schema'), 'root')).toEqual([])
        const openapi = geminiSchema(value, 'openapi')
        expect(unknownInSchema(openapi, 'root')).toEqual([])
        expect(faultInSchema(openapi, 'root')).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })
})

it('stays small, however much types refer to each other', () => {
  const names = Array.from({ length: 12 }, (_, at) => `t${at}`)
  const properties = Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]))
  const $defs = Object.fromEntries(names.map((name) => [name, { type: 'object', properties }]))
  const size = JSON.stringify(geminiSchema({ type: 'object', properties, $defs }, 'openapi')).length
  expect(size).toBeLessThan(500_000)
})

describe("Gemini's own Schema", () => {
  it('is the JSON Schema it stands for', () => {
    const own = {
      type: 'OBJECT',
      properties: {
        a: { type: 'STRING', nullable: true, format: 'enum', enum: ['x'] },
        b: { type: 'ARRAY', items: { type: 'INTEGER', enum: ['1'] }, min_items: '1' },
        c: { any_of: [{ type: 'STRING' }, { type: 'NUMBER' }], nullable: true },
      },
      required: ['a'],
    }
    expect(jsonSchema(own)).toEqual({
      type: 'object',
      properties: {
        a: { type: ['string', 'null'], enum: ['x', null] },
        b: { type: 'array', items: { type: 'integer', enum: [1] }, minItems: 1 },
        c: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
      },
      required: ['a'],
    })
  })
})
