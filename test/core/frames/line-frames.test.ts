import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineFrames } from '../../../src/core/frames/line-frames.ts'

function decode(...pieces: Uint8Array[]): string[] {
  const frames = lineFrames()
  return [...pieces.flatMap((piece) => frames.push(piece)), ...frames.end()].map(({ data }) => data)
}

describe('lines as frames', () => {
  it.each([
    ['{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
    ['one\r\ntwo', ['one', 'two']],
    ['\n\n one \n \n', [' one ']],
    ['', []],
  ])('of %j are %j', (text, expected) => expect(decode(Buffer.from(text))).toEqual(expected))

  it('come out as soon as they end, and the same wherever the bytes are cut', () => {
    const bytes = Buffer.from('{"text":"grüße, 世界 👋"}\n{"done":true}\n')
    const frames = lineFrames()
    const end = bytes.indexOf('\n')
    expect(frames.push(bytes.subarray(0, end))).toEqual([])
    expect(frames.push(bytes.subarray(end, end + 3))).toEqual([{ data: '{"text":"grüße, 世界 👋"}' }])
    const whole = decode(bytes)
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 8 }), (places) => {
        const at = [0, ...places.sort((a, b) => a - b), bytes.length]
        expect(decode(...at.slice(1).map((to, index) => bytes.subarray(at[index], to)))).toEqual(whole)
      }),
      { numRuns: 50 },
    )
  })

  it('are refused where one has no end', () => {
    const frames = lineFrames()
    const piece = Buffer.alloc(16 * 1024 * 1024, 'a')
    for (let times = 0; times < 4; times++) frames.push(piece)
    expect(() => frames.push(piece)).toThrow('too long to read')
  })
})
