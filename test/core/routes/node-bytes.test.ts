import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { expect, it } from 'vitest'
import { bytesOf, takeWhole } from '../../../src/core/routes/node-bytes.ts'
import type { ByteLimits } from '../../../src/core/routes/node-bytes.ts'

const limits = (more: Partial<ByteLimits> = {}): ByteLimits => ({
  most: 100,
  tooLarge: () => new Error('too large'),
  ...more,
})

/** A stream that has all of its pieces already. */
function here(...pieces: string[]): Readable {
  const source = new Readable({ read() {} })
  for (const piece of pieces) source.push(Buffer.from(piece))
  source.push(null)
  return source
}

it('takes what is here already, and meets its end', async () => {
  const source = here('one ', 'two')
  expect(takeWhole(source, 7)?.toString()).toBe('one two')
  await finished(source)
  expect(source.readableEnded).toBe(true)
})

it.each([6, 8])('takes nothing of what is not here as a whole', async (length) => {
  const source = here('one ', 'two')
  expect(takeWhole(source, length)).toBeUndefined()
  expect((await bytesOf(source, limits())).toString()).toBe('one two')
})

it.each([
  ['longer', 3],
  ['shorter', 30],
  ['not told', undefined],
])('reads a body to its end whose length was said to be %s', async (_, expected) => {
  expect((await bytesOf(here('one ', 'two'), limits({ expected }))).toString()).toBe('one two')
})

it('refuses one that is here already, but too large', async () => {
  await expect(bytesOf(here('one ', 'two'), limits({ most: 6, expected: 7 }))).rejects.toThrow('too large')
})

it('waits for what is yet to come', async () => {
  const source = new Readable({ read() {} })
  source.push(Buffer.from('one '))
  const reading = bytesOf(source, limits({ expected: 7 }))
  source.push(Buffer.from('two'))
  source.push(null)
  expect((await reading).toString()).toBe('one two')
})

it('reads what a host asked for as text', async () => {
  const source = new Readable({ read() {} })
  source.setEncoding('utf8')
  const reading = bytesOf(source, limits())
  const bytes = Buffer.from('grün')
  for (const byte of bytes) source.push(Buffer.from([byte]))
  source.push(null)
  expect(await reading).toEqual(bytes)
})

it('reads what a host has paused', async () => {
  const source = here('one ', 'two')
  source.pause()
  expect((await bytesOf(source, limits())).toString()).toBe('one two')
})
