import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AnswerBody } from '../../../src/core/upstream/answer-body.ts'
import { controller } from './controller.ts'

const bytes = (text: string) => Buffer.from(text)

async function textOf(body: AnswerBody): Promise<string> {
  let text = ''
  for await (const piece of body) text += piece.toString()
  return text
}

it('keeps what comes before somebody reads', async () => {
  const body = new AnswerBody(controller())
  body.push(bytes('one '))
  body.push(bytes('two'))
  body.end()
  expect(await textOf(body)).toBe('one two')
})

it('gives what comes to the reader who waits', async () => {
  const body = new AnswerBody(controller())
  const text = textOf(body)
  body.push(bytes('one '))
  await Promise.resolve()
  body.push(bytes('two'))
  body.end()
  expect(await text).toBe('one two')
})

it('reads no more from the connection than it keeps, and goes on once there is room', async () => {
  const steer = controller()
  const body = new AnswerBody(steer)
  body.push(Buffer.alloc(40_000))
  expect(steer.asked).toEqual([])
  body.push(Buffer.alloc(40_000))
  expect(steer.asked).toEqual(['pause'])
  await body.next()
  expect(steer.asked).toEqual(['pause', 'resume'])
})

it('gives what came before a fault, and then the fault, each time', async () => {
  const body = new AnswerBody(controller())
  body.push(bytes('one'))
  body.fail(new Error('broken'))
  expect((await body.next()).value?.toString()).toBe('one')
  await expect(body.next()).rejects.toThrow('broken')
  await expect(body.next()).rejects.toThrow('broken')
})

it('tells a reader who waits of the fault', async () => {
  const body = new AnswerBody(controller())
  const next = body.next()
  body.fail(new Error('broken'))
  await expect(next).rejects.toThrow('broken')
})

it('closes the connection when its reader leaves early, but not one that is done', async () => {
  const steer = controller()
  const left = new AnswerBody(steer)
  left.push(bytes('one'))
  await left.next()
  await left.return()
  expect(steer.asked).toEqual(['resume', 'the answer is not wanted any more'])

  const doneSteer = controller()
  const done = new AnswerBody(doneSteer)
  done.push(bytes('one'))
  done.end()
  await done.return()
  done.cancel()
  expect(doneSteer.asked).toEqual([])
})

it('is whole only once all of it is here, in however many pieces', async () => {
  const body = new AnswerBody(controller())
  body.push(bytes('one '))
  body.push(bytes('two'))
  expect(body.whole()).toBeUndefined()
  body.end()
  expect(body.whole()?.toString()).toBe('one two')
  // Who finds it too large reads it as any other.
  expect(await textOf(body)).toBe('one two')

  const cut = new AnswerBody(controller())
  cut.push(bytes('half'))
  cut.fail(new Error('broken'))
  expect(cut.whole()).toBeUndefined()

  const empty = new AnswerBody(controller())
  empty.end()
  expect(empty.whole()).toBeUndefined()
})

it('gives what came since the last piece as one', async () => {
  const body = new AnswerBody(controller())
  const first = body.next()
  for (const text of ['one ', 'two ', 'three ']) body.push(bytes(text))
  expect((await first).value?.toString()).toBe('one ')
  expect((await body.next()).value?.toString()).toBe('two three ')
  body.push(bytes('four'))
  body.end()
  expect((await body.next()).value?.toString()).toBe('four')
  expect((await body.next()).done).toBe(true)
})

describe('in a process that has no time for each piece', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** A stream that has given its first eight pieces. */
  async function flowing() {
    const steer = controller()
    const body = new AnswerBody(steer, { hold: 50 })
    for (let piece = 0; piece < 8; piece++) {
      const next = body.next()
      body.push(bytes(`${piece} `))
      expect((await next).value?.toString()).toBe(`${piece} `)
    }
    return { body, steer }
  }

  /** What `next` gave, once it did. */
  function given(body: AnswerBody): string[] {
    const got: string[] = []
    void body.next().then(({ done, value }) => got.push(done ? 'end' : value.toString()))
    return got
  }

  it('gives the short ones of a while as one, but for the first eight', async () => {
    const { body } = await flowing()
    const got = given(body)
    for (const text of ['one ', 'two ', 'three']) {
      body.push(bytes(text))
      await vi.advanceTimersByTimeAsync(16)
    }
    expect(got).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(got).toEqual(['one two three'])
  })

  it('counts those that were there already', async () => {
    const body = new AnswerBody(controller(), { hold: 50 })
    for (let piece = 0; piece < 8; piece++) {
      body.push(bytes('now'))
      expect((await body.next()).value?.toString()).toBe('now')
    }
    body.push(bytes('here '))
    const got = given(body)
    body.push(bytes('too'))
    await vi.advanceTimersByTimeAsync(49)
    expect(got).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(got).toEqual(['here too'])
  })

  it('gives at once what comes after a longer silence', async () => {
    const { body } = await flowing()
    const got = given(body)
    await vi.advanceTimersByTimeAsync(50)
    expect(got).toEqual([])
    body.push(bytes('late'))
    await vi.advanceTimersByTimeAsync(0)
    expect(got).toEqual(['late'])
  })

  it('holds back no more than a little, and nothing after a large piece', async () => {
    const { body, steer } = await flowing()
    const got = given(body)
    body.push(Buffer.alloc(3000))
    body.push(Buffer.alloc(100_000))
    await vi.advanceTimersByTimeAsync(0)
    expect(got.map((text) => text.length)).toEqual([103_000])
    const next = given(body)
    body.push(bytes('at once'))
    await vi.advanceTimersByTimeAsync(0)
    expect(next).toEqual(['at once'])
    expect(steer.asked).toEqual([])
  })

  it('gives the last at once, and then the end', async () => {
    const { body } = await flowing()
    const got = given(body)
    body.push(bytes('last'))
    body.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(got).toEqual(['last'])
    expect((await body.next()).done).toBe(true)
    expect(vi.getTimerCount()).toBe(0)

    const { body: silent } = await flowing()
    const end = given(silent)
    silent.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(end).toEqual(['end'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives what came before a fault, and then the fault', async () => {
    const { body } = await flowing()
    const got = given(body)
    body.push(bytes('before'))
    body.fail(new Error('broken'))
    await vi.advanceTimersByTimeAsync(0)
    expect(got).toEqual(['before'])
    await expect(body.next()).rejects.toThrow('broken')

    const { body: silent } = await flowing()
    const next = silent.next()
    silent.fail(new Error('broken'))
    await expect(next).rejects.toThrow('broken')
    expect(vi.getTimerCount()).toBe(0)
  })
})
