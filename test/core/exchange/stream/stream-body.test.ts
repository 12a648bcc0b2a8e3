import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Abort } from '../../../../src/core/async/abort.ts'
import { ChatError } from '../../../../src/core/chat/index.ts'
import { AnswerPieces } from '../../../../src/core/exchange/stream/answer-pieces.ts'
import { pipingBody, webBody } from '../../../../src/core/exchange/stream/stream-body.ts'
import { openaiChatProtocol } from '../../../../src/core/protocols/openai-chat/index.ts'

/** An answer of these pieces, then of what `end` gives or throws; and what was told of it. */
async function answerOf(texts: string[], end: () => Promise<undefined> = () => Promise.resolve(undefined)) {
  const told: string[] = []
  const left = texts.map((text) => Buffer.from(text))
  let asked = 0
  const pieces = await AnswerPieces.begin({
    source: {
      atBoundary: () => true,
      begun: () => undefined,
      next: () => {
        asked++
        return left.length > 0 ? Promise.resolve(left.shift()) : end()
      },
    },
    protocol: openaiChatProtocol,
    keepAlive: 0,
    client: new Abort(),
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
  const { pieces, told, asked } = await answerOf(['data: 1\n\n'], () => Promise.reject(new Error('ECONNRESET')))
  const out = new PassThrough({ encoding: 'utf8' })
  pipingBody(pieces).pipe(out)
  expect((await out.toArray()).join('')).toMatch(/^data: 1\n\ndata: \{"error":\{"message":"The connection broke\./)
  expect(told).toEqual(['first byte', 'end'])
  expect(asked()).toBe(2)
})

describe('while the provider is silent', () => {
  /** An answer whose pieces are given one by one, on a clock of its own. */
  async function answerByHand() {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const asked: ((piece: Buffer | undefined) => void)[] = []
    const source = {
      atBoundary: () => true,
      begun: () => undefined,
      next: () => new Promise<Buffer | undefined>((resolve) => void asked.push(resolve)),
    }
    const give = (text?: string) => asked.shift()?.(text === undefined ? undefined : Buffer.from(text))
    const beginning = AnswerPieces.begin({
      source,
      protocol: openaiChatProtocol,
      keepAlive: 1000,
      client: new Abort(),
      onFirstByte: () => {},
      onError: () => new ChatError('none', { status: 500 }),
      onEnd: () => {},
      onCancel: () => {},
    })
    give('data: 1\n\n')
    return { source, give, pieces: await beginning }
  }

  it.each(['Node', 'the web'])(
    'sends a comment each time it was so for long, between messages, on %s',
    async (where) => {
      const { source, give, pieces } = await answerByHand()
      let sent = ''
      const out = new Writable({ write: (piece, _encoding, done) => void ((sent += String(piece)), done()) })
      if (where === 'Node') pipingBody(pieces).pipe(out)
      else void webBody(pieces).pipeTo(Writable.toWeb(out))
      await vi.advanceTimersByTimeAsync(999)
      expect(sent).toBe('data: 1\n\n')
      await vi.advanceTimersByTimeAsync(1)
      expect(sent).toBe('data: 1\n\n: keep-alive\n\n')
      await vi.advanceTimersByTimeAsync(600)
      give('data: ')
      source.atBoundary = () => false
      await vi.advanceTimersByTimeAsync(5000)
      expect(sent).toBe('data: 1\n\n: keep-alive\n\ndata: ')
      give('2\n\n')
      source.atBoundary = () => true
      await vi.advanceTimersByTimeAsync(999)
      expect(sent).toBe('data: 1\n\n: keep-alive\n\ndata: 2\n\n')
      await vi.advanceTimersByTimeAsync(1001)
      expect(sent).toBe('data: 1\n\n: keep-alive\n\ndata: 2\n\n: keep-alive\n\n: keep-alive\n\n')
      give()
      await vi.advanceTimersByTimeAsync(5000)
      expect(sent).toMatch(/data: 2\n\n: keep-alive\n\n: keep-alive\n\n$/)
      expect(out.writableFinished).toBe(true)
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('sends no comments to a client that does not read', async () => {
    const { give, pieces } = await answerByHand()
    const reader = webBody(pieces).getReader()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('data: 1\n\n')
    const second = reader.read()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(Buffer.from((await second).value ?? []).toString()).toBe(': keep-alive\n\n')
    give('data: 2\n\n')
    await vi.advanceTimersByTimeAsync(10_000)
    const rest = [await reader.read(), await reader.read()].map(({ value }) => Buffer.from(value ?? []).toString())
    expect(rest).toEqual([': keep-alive\n\n', 'data: 2\n\n'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('stops looking when the client is gone', async () => {
    const { pieces } = await answerByHand()
    const out = new PassThrough()
    pipingBody(pieces).pipe(out)
    await vi.advanceTimersByTimeAsync(500)
    expect(vi.getTimerCount()).toBe(1)
    out.destroy()
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
