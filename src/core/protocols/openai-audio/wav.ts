const HEADER = 44
const PCM = 1
const BYTES = 2

/**
 * Samples of 16 bits, little-endian, of one channel, as a WAV file: RIFF's header of 44 bytes before them
 * (learn.microsoft.com/windows/win32/api/mmeapi/ns-mmeapi-pcmwaveformat).
 *
 * @param rate samples a second
 */
export function wavOf(samples: Buffer, rate: number): Buffer {
  const header = Buffer.alloc(HEADER)
  header.write('RIFF', 0)
  header.writeUInt32LE(HEADER - 8 + samples.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(PCM, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * BYTES, 28)
  header.writeUInt16LE(BYTES, 32)
  header.writeUInt16LE(BYTES * 8, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.length, 40)
  return Buffer.concat([header, samples])
}

/** The samples of a WAV file; `undefined` where it is none. A length that nobody filled in means the rest. */
export function samplesOf(wav: Buffer): Buffer | undefined {
  if (wav.toString('latin1', 0, 4) !== 'RIFF' || wav.toString('latin1', 8, 12) !== 'WAVE') return undefined
  let at = 12
  while (at + 8 <= wav.length) {
    const length = wav.readUInt32LE(at + 4)
    if (wav.toString('latin1', at, at + 4) === 'data') return wav.subarray(at + 8, at + 8 + length)
    // Chunks begin at even places.
    at += 8 + length + (length % 2)
  }
  return undefined
}
