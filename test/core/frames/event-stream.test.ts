import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../../src/core/translator/translator.ts'
import { eventStreamFrames } from '../../../src/core/frames/event-stream.ts'
import { errorFrame, eventFrame, exceptionFrame } from '../../upstreams/kiro-frames.ts'

const PAYLOADS = [{ content: 'grüße, 世界 👋' }, { content: '' }, { input: '{"a":', toolUseId: 't1' }]
const STREAM = Buffer.concat(PAYLOADS.map((payload) => eventFrame('assistantResponseEvent', payload)))
const FRAMES = PAYLOADS.map((payload) => ({ event: 'assistantResponseEvent', data: JSON.stringify(payload) }))

/** Decodes a stream that comes in these pieces. */
function decode(...pieces: Uint8Array[]): Frame[] {
  const frames = eventStreamFrames('Kiro')
  return [...pieces.flatMap((piece) => frames.push(piece)), ...frames.end()]
}

const bad = (words: RegExp): unknown =>
  expect.objectContaining({ status: 502, code: 'upstream_bad_answer', message: expect.stringMatching(words) })

function caught(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return undefined
}

describe('frames of an event stream', () => {
  it('are the same wherever the bytes are cut', () => {
    for (let at = 0; at <= STREAM.length; at++) {
      expect(decode(STREAM.subarray(0, at), STREAM.subarray(at))).toEqual(FRAMES)
    }
    expect(decode(...[...STREAM].map((byte) => Uint8Array.of(byte)))).toEqual(FRAMES)
  })

  it('give any payload back, cut in any way', () => {
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 8 })
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 5 }), cuts, (texts, places) => {
        const bytes = Buffer.concat(texts.map((content) => eventFrame('e', { content })))
        const at = [0, ...places.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        const contents = decode(...pieces).map(({ data }) => (JSON.parse(data) as { content: string }).content)
        expect(contents).toEqual(texts)
      }),
      { numRuns: 50 },
    )
  })

  it('say whose they are where they cannot be read', () => {
    const frames = eventStreamFrames('Bedrock')
    expect(() => frames.push(Buffer.alloc(16))).toThrow(/^Bedrock sent an answer that byok cannot read: /)
  })

  it('come out as soon as their last byte is there', () => {
    const frames = eventStreamFrames('Kiro')
    const [first] = FRAMES
    const length = STREAM.readUInt32BE(0)
    expect(frames.push(STREAM.subarray(0, length - 1))).toEqual([])
    expect(frames.push(STREAM.subarray(length - 1, length + 3))).toEqual([first])
  })

  it('tell exceptions and errors from events', () => {
    const payload = { message: 'Slow down.', reason: null }
    expect(decode(exceptionFrame('ThrottlingException', payload), errorFrame('InternalFailure', 'Oh no.'))).toEqual([
      { event: 'exception:ThrottlingException', data: JSON.stringify(payload) },
      { event: 'exception:InternalFailure', data: '{"message":"Oh no."}' },
    ])
  })

  it('tell names apart that are alike', () => {
    const names = ['one', 'onf', 'one', 'ünë', 'uë', 'ünë', 'n'.repeat(70), `${'n'.repeat(69)}m`, '']
    expect(decode(...names.map((name) => eventFrame(name, {})))).toEqual(names.map((event) => ({ event, data: '{}' })))
  })

  it('refuse a message with any byte changed', () => {
    const message = eventFrame('assistantResponseEvent', { content: 'hello' })
    for (let at = 0; at < message.length; at++) {
      const broken = Uint8Array.from(message)
      broken[at] = (broken[at] ?? 0) ^ 0x01
      expect(caught(() => decode(broken))).toEqual(bad(/event stream/))
    }
  })

  it('give what came well before a broken message, and then refuse', () => {
    const good = eventFrame('assistantResponseEvent', { content: 'hello' })
    const broken = Uint8Array.from(good)
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 0x01
    const frames = eventStreamFrames('Kiro')
    expect(frames.push(Buffer.concat([good, good, broken, good]))).toHaveLength(2)
    expect(caught(() => frames.push(good))).toEqual(bad(/checksum/))
    expect(caught(() => frames.end())).toEqual(bad(/checksum/))
  })

  it('say that it was the checksum', () => {
    const message = Buffer.from(eventFrame('assistantResponseEvent', { content: 'hello' }))
    message[message.length - 8] = 0
    expect(caught(() => decode(message))).toEqual(bad(/fails its checksum/))
  })

  it.each([
    ['huge', 0xffff_ffff],
    ['just too long', 128 * 1024 + 24 * 1024 * 1024 + 17],
    ['too short', 15],
    ['nothing', 0],
  ])('refuse a length that is %s with its first bytes', (_name, length) => {
    const prelude = Buffer.alloc(12)
    prelude.writeUInt32BE(length)
    const frames = eventStreamFrames('Kiro')
    expect(caught(() => frames.push(prelude))).toEqual(bad(/message of \d+ bytes/))
  })

  it('do not wait for the rest of a message whose length is wrong', () => {
    const message = Buffer.from(eventFrame('assistantResponseEvent', { content: 'hello' }))
    message.writeUInt32BE(5_000_000)
    const frames = eventStreamFrames('Kiro')
    expect(caught(() => frames.push(message.subarray(0, 12)))).toEqual(bad(/prelude fails its checksum/))
  })

  it('report a stream that ends within a message', () => {
    for (const length of [1, 11, 12, STREAM.length - 1]) {
      expect(caught(() => decode(STREAM.subarray(0, length)))).toEqual(bad(/ends within a message/))
    }
    expect(decode()).toEqual([])
  })
})
