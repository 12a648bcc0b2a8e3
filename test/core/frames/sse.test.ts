import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sseFrames } from '../../../src/core/frames/sse.ts'
import type { Frame } from '../../../src/core/translator/translator.ts'

const encode = (text: string) => new TextEncoder().encode(text)

function decode(pieces: Uint8Array[]): Frame[] {
  const decoder = sseFrames()
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()]
}

describe('sseFrames', () => {
  it.each([
    ['a message', 'event: ping\ndata: {"a":1}\n\n', [{ event: 'ping', data: '{"a":1}' }]],
    ['CRLF', 'data: 1\r\n\r\ndata: 2\r\n\r\n', [{ data: '1' }, { data: '2' }]],
    ['lines of data', 'data: 1\ndata: 2\n\n', [{ data: '1\n2' }]],
    ['empty data', 'data:\n\ndata: \n\nevent: ping\ndata:\n\ndata: 1\n\n', [{ data: '1' }]],
    ['comments', ': keep-alive\n\ndata: 1\n\n', [{ data: '1' }]],
    ['no blank line at the end', 'data: 1\n\ndata: 2', [{ data: '1' }, { data: '2' }]],
    ['a byte-order mark', '\uFEFFdata: 1\n\n', [{ data: '1' }]],
    ['no space after the colon', 'data:1\n\n', [{ data: '1' }]],
    ['nothing', '', []],
  ])('reads %s', (_, text, frames) => {
    expect(decode([encode(text)])).toEqual(frames)
  })

  it('tells the lines that are no part of events', () => {
    const lines: string[] = []
    const frames = sseFrames((line) => lines.push(line))
    const bytes = encode('{\n "a": 1\n}\nid: 1\nretry: no\n: comment\ndata: 1\n\nlast')
    expect([...frames.push(bytes.subarray(0, 5)), ...frames.push(bytes.subarray(5)), ...frames.end()]).toEqual([
      { data: '1' },
    ])
    expect(lines).toEqual(['{', ' "a": 1', '}', 'last'])
  })

  it('reads the same wherever the bytes are cut', () => {
    const bytes = encode('\uFEFFdata: {"text":"naïve 🦊 – ünï \uFEFF"}\r\n\r\n: c\n\nevent: x\ndata: 2\n\n')
    const whole = decode([bytes])
    for (let at = 0; at <= bytes.length; at++)
      expect(decode([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        expect(decode(at.slice(1).map((end, index) => bytes.subarray(at[index], end)))).toEqual(whole)
      }),
    )
  })
})
