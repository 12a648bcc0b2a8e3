import { describe, expect, it } from 'vitest'
import { imageTypeOf } from '../../../src/core/chat/index.ts'

const base64 = (...bytes: (number | string)[]) =>
  Buffer.concat(bytes.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part)))).toString(
    'base64',
  )

describe('what an image is', () => {
  it.each([
    ['image/png', base64(0x89, 'PNG\r\n', 0x1a, '\n', 0)],
    ['image/jpeg', base64(0xff, 0xd8, 0xff, 0xe0, 'JFIF')],
    ['image/gif', base64('GIF89a', 0)],
    ['image/gif', base64('GIF87a', 0)],
    ['image/webp', base64('RIFF', 1, 2, 3, 4, 'WEBPVP8 ')],
  ])('is told by its bytes: %s', (type, data) => {
    expect(imageTypeOf({ mediaType: 'image/bmp', data })).toBe(type)
  })

  it.each([
    ['image/jpg', 'image/jpeg'],
    ['IMAGE/PNG', 'image/png'],
    ['image/heic', 'image/heic'],
  ])('is what it is called, where they say nothing: %s', (mediaType, type) => {
    expect(imageTypeOf({ mediaType, data: base64('RIFF', 1, 2, 3, 4, 'WAVE') })).toBe(type)
  })
})
