import { expect, it } from 'vitest'
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
