import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wellFormed } from '../../../src/core/text/well-formed.ts'

describe('wellFormed', () => {
  it('leaves what has whole characters alone as it is', () => {
    const value = { a: ['👋', { b: null, c: 1 }, [true]], d: 'größer', e: undefined }
    expect(wellFormed(value)).toBe(value)
  })

  it('replaces half characters, and changes nothing of what it was given', () => {
    const fine = { text: '👋' }
    const value = { messages: [fine, { text: 'a\ud83d', other: fine }], system: '\udc4b b' }
    const before = structuredClone(value)
    const result = wellFormed(value)
    expect(result).toEqual({ messages: [fine, { text: 'a\ufffd', other: fine }], system: '\ufffd b' })
    expect(result.messages[0]).toBe(fine)
    expect(value).toEqual(before)
  })

  it('makes any JSON one that every reader takes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\\', '\ud83d', '\udc4b') })
    fc.assert(
      fc.property(
        fc.letrec((tie) => ({
          any: fc.oneof(text, fc.array(tie('any')), fc.dictionary(fc.string(), tie('any'))),
        })).any,
        (value) => {
          const json = JSON.stringify(wellFormed(value))
          expect(json).toBe(json.toWellFormed())
          expect(json).not.toMatch(/(?<!\\)(?:\\\\)*\\ud/)
        },
      ),
    )
  })
})
