import { expect, it } from 'vitest'
import { Tail } from '../../../../src/core/exchange/stream/tail.ts'

const bytes = (text: string) => Buffer.from(text)

it('tells the last bytes, in whatever pieces they came', () => {
  const sizes = [1, 3, 0, 7, 8, 2, 20, 5, 8, 8, 1, 16, 17, 9, 4, 4, 4, 4]
  let all = ''
  const tail = new Tail(8)
  expect(tail.text()).toBe('')
  sizes.forEach((size, at) => {
    const piece = Array.from({ length: size }, (_, i) => String.fromCharCode(97 + ((at * 5 + i) % 26))).join('')
    all += piece
    tail.push(bytes(piece))
    expect(tail.text()).toBe(all.slice(-8))
    expect(tail.total).toBe(all.length)
  })
})

it('keeps no piece, which may be written over once it was passed on', () => {
  const tail = new Tail(8)
  const piece = bytes('data')
  tail.push(piece)
  piece.fill('x')
  expect(tail.text()).toBe('data')
})

it.each([
  ['', true],
  ['data: 1\n\n', true],
  ['data: 1\r\n\r\n', true],
  ['data: 1\n\r\n', true],
  ['data: 1\n', false],
  ['data: 1\r\n', false],
  ['data: 1', false],
  ['\n', false],
])('knows whether %j ends a message', (text, ends) => {
  const tail = new Tail(8)
  for (const one of text) tail.push(bytes(one))
  expect(tail.endsWithBlankLine).toBe(ends)
})
