import { expect, it, vi } from 'vitest'
import { answerFrames } from '../../../src/core/frames/answer-frames.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

it('gives on an error between events as soon as it is whole', () => {
  const frames = answerFrames()
  expect(frames.push(bytes('data: 1\n\n{\n  "error":\n'))).toEqual([{ data: '1' }])
  expect(frames.push(bytes(' {}\n}\n'))).toEqual([{ data: '{\n  "error":\n {}\n}\n', bare: true }])
})

it('reads a long answer in JSON once, however many pieces it comes in', () => {
  const parse = vi.spyOn(JSON, 'parse')
  const frames = answerFrames()
  const answer = JSON.stringify(
    Array.from({ length: 20_000 }, (_, n) => `word ${n}`),
    undefined,
    1,
  )
  for (let at = 0; at < answer.length; at += 1000) expect(frames.push(bytes(answer.slice(at, at + 1000)))).toEqual([])
  const watched = parse.mock.calls.length
  expect(watched).toBeLessThan(100)
  expect(frames.end()).toEqual([{ data: `${answer}\n`, bare: true }])
  expect(parse.mock.calls.length).toBe(watched + 1)
  parse.mockRestore()
})
