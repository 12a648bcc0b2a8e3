import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { ChatError } from '../../../src/core/chat/index.ts'
import { AnswerPieces } from '../../../src/core/exchange/answer-pieces.ts'
import { pipingBody } from '../../../src/core/exchange/stream-body.ts'
import { openaiChatProtocol } from '../../../src/core/protocols/openai-chat/index.ts'

/** An answer of these pieces, then of what `end` gives or throws; and what was told of it. */
async function answerOf(texts: string[], end: () => Promise<undefined> = () => Promise.resolve(undefined)) {
  const told: string[] = []
  const left = texts.map((text) => Buffer.from(text))
  let asked = 0
  const pieces = await AnswerPieces.begin({
    source: {
      atBoundary: true,
      next: () => {
        asked++
        return left.length > 0 ? Promise.resolve(left.shift()) : end()
      },
    },
    protocol: openaiChatProtocol,
    keepAlive: 0,
    onFirstByte: () => told.push('first byte'),
    onError: () => new ChatError('The connection broke.', { status: 502 }),
    onEnd: () => told.push('end'),
    onCancel: () => told.push('cancel'),
  })
  return { pieces, told, asked: () => asked }
}

it('writes all pieces, and ends', async () => {
  const { pieces, told } = await answerOf(['data: 1\n\n', 'data: 2\n\n'])
  const out = new PassThrough({ encoding: 'utf8' })
  const closed = once(out, 'close')
  pipingBody(pieces).pipe(out)
  expect((await out.toArray()).join('')).toBe('data: 1\n\ndata: 2\n\n')
  await closed
  expect(told).toEqual(['first byte', 'end'])
})

it('asks for no more than its reader takes', async () => {
  const { pieces, asked } = await answerOf(Array.from({ length: 100 }, () => 'x'.repeat(1000)))
  const waiting: (() => void)[] = []
  const out = new Writable({ highWaterMark: 3000, write: (_piece, _encoding, done) => void waiting.push(done) })
  pipingBody(pieces).pipe(out)
  await new Promise(setImmediate)
  expect(asked()).toBe(3)
  while (!out.writableFinished) {
    waiting.shift()?.()
    await new Promise(setImmediate)
  }
  expect(asked()).toBe(101)
})

it('stops the provider once its reader is gone, waiting for a piece or for room', async () => {
  for (const texts of [['data: 1\n\n'], Array.from({ length: 100 }, () => 'x'.repeat(1000))]) {
    const { pieces, told } = await answerOf(texts, () => new Promise(() => {}))
    const out = new PassThrough({ highWaterMark: 3000 })
    pipingBody(pieces).pipe(out)
    await new Promise(setImmediate)
    out.destroy()
    await once(out, 'close')
    expect(told).toEqual(['first byte', 'cancel'])
  }
})

it('tells in the client’s protocol what went wrong, and ends', async () => {
  const { pieces, told } = await answerOf(['data: 1\n\n'], () => Promise.reject(new Error('ECONNRESET')))
  const out = new PassThrough({ encoding: 'utf8' })
  pipingBody(pieces).pipe(out)
  expect((await out.toArray()).join('')).toMatch(/^data: 1\n\ndata: \{"error":\{"message":"The connection broke\./)
  expect(told).toEqual(['first byte', 'end'])
})
