import { describe, expect, it } from 'vitest'
import { linterOf } from './support.ts'

const problems = linterOf('no-restricted-syntax')

/** Serves requests. */
const FILE = 'src/core/exchange/attempt.ts'

describe('the lint rule against functions that V8 keeps until a full collection', () => {
  it.each([
    ['assigned to a property', 'x.done = () => y\n'],
    ['assigned to a private one', 'class X { #done = y; set(y) { this.#done = async () => y } }\n'],
    ['assigned to a place', 'x[0] = function () { return y }\n'],
    ['assigned where there is none', 'x.done ??= () => y\n'],
    ['that are getters of an object literal', 'f({ get done() { return y } })\n'],
  ])('refuses those %s', async (_, code) => {
    expect(await problems(FILE, code)).toHaveLength(1)
  })

  it.each([
    ['in an object literal', 'f({ done: () => y, undo() { return y } })\n'],
    ['given to a method', 'x.whenDone(() => y)\n'],
    ['that are constants first', 'const done = () => y\nx.done = done\n'],
    ['that are getters of a class', 'class X { get done() { return 1 } }\n'],
  ])('lets those be %s', async (_, code) => {
    expect(await problems(FILE, code)).toEqual([])
  })

  it('looks at what serves requests alone', async () => {
    expect(await problems('src/cli/serve.ts', 'x.done = () => y\n')).toEqual([])
  })
})
