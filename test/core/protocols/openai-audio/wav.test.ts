import { expect, it } from 'vitest'
import { samplesOf, wavOf } from '../../../../src/core/protocols/openai-audio/wav.ts'

const samples = Buffer.from([1, 0, 254, 255])

it('finds the samples behind chunks of other things, of an odd length too', () => {
  const plain = wavOf(samples, 16_000)
  const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1')
  const other = Buffer.concat([plain.subarray(0, 36), list, plain.subarray(36)])
  expect([plain, other].map(samplesOf)).toEqual([samples, samples])
})

it('takes the rest for samples where nobody filled in how many there are', () => {
  const streamed = wavOf(samples, 16_000)
  streamed.writeUInt32LE(0xff_ff_ff_ff, 40)
  expect(samplesOf(streamed)).toEqual(samples)
})

it.each(['', 'RIFF', 'RIFF\0\0\0\0AVI LIST\x10\0\0\0', 'RIFF\0\0\0\0WAVEfmt \x10\0\0\0'])(
  'finds none in what is no WAV file (%j)',
  (text) => {
    expect(samplesOf(Buffer.from(text, 'latin1'))).toBeUndefined()
  },
)
