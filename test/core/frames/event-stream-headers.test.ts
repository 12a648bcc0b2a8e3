import { EventStreamCodec, Int64 } from '@smithy/eventstream-codec'
import type { MessageHeaders, MessageHeaderValue } from '@smithy/eventstream-codec'
import { fromUtf8, toUtf8 } from '@smithy/util-utf8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeaderReader } from '../../../src/core/frames/event-stream-headers.ts'

const codec = new EventStreamCodec(toUtf8, fromUtf8)
const PRELUDE = 12

/** Reads the headers of a message as AWS' own library writes it. */
function read(headers: MessageHeaders): Record<string, string> {
  const bytes = Buffer.from(codec.encode({ headers, body: fromUtf8('{"and":"a payload"}') }))
  return Object.fromEntries(new HeaderReader('Kiro').read(bytes, PRELUDE, PRELUDE + bytes.readUInt32BE(4)))
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
/** Every type that the specification has. */
const value: fc.Arbitrary<MessageHeaderValue> = fc.oneof(
  fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
  fc.integer({ min: -128, max: 127 }).map((value) => ({ type: 'byte' as const, value })),
  fc.integer({ min: -32_768, max: 32_767 }).map((value) => ({ type: 'short' as const, value })),
  fc.integer().map((value) => ({ type: 'integer' as const, value })),
  fc.integer().map((value) => ({ type: 'long' as const, value: Int64.fromNumber(value) })),
  fc.uint8Array().map((value) => ({ type: 'binary' as const, value })),
  text.map((value) => ({ type: 'string' as const, value })),
  fc.nat().map((value) => ({ type: 'timestamp' as const, value: new Date(value) })),
  fc.uuid().map((value) => ({ type: 'uuid' as const, value })),
)

describe('headers of a message', () => {
  it('are the texts among whatever headers there are', () => {
    fc.assert(
      fc.property(fc.dictionary(text, value, { maxKeys: 8, noNullPrototype: true }), (headers) => {
        const texts = Object.entries(headers).flatMap(([name, { type, value }]) =>
          type === 'string' ? [[name, value]] : [],
        )
        expect(read(headers)).toEqual(Object.fromEntries(texts))
      }),
    )
  })

  it('are as long as the specification lets them be', () => {
    const name = 'n'.repeat(255)
    const long = 'é'.repeat(16_383)
    expect(read({ [name]: { type: 'string', value: long } })).toEqual({ [name]: long })
  })

  it.each<[string, number[]]>([
    ['a name beyond the end', [9, 0x61]],
    ['a name and nothing', [1, 0x61]],
    ['a type that there is none of', [1, 0x61, 10]],
    ['half the length of a text', [1, 0x61, 7, 0]],
    ['a text beyond the end', [1, 0x61, 7, 0, 2, 0x61]],
    ['half a number', [1, 0x61, 4, 0, 0]],
    ['one that is fine, and half of another', [1, 0x61, 0, 1]],
  ])('are refused with %s', (_name, headers) => {
    // With and without bytes after them, which are none of theirs.
    for (const rest of [[], [0, 0, 0, 0, 0, 0, 0, 0]]) {
      const bytes = Buffer.from([...headers, ...rest])
      expect(() => new HeaderReader('Kiro').read(bytes, 0, headers.length)).toThrow(/unreadable headers/)
    }
  })
})
